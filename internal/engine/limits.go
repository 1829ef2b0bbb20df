package engine

import (
	"context"
	"fmt"
	"math"
	"sort"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/source"
)

// limitHistory is how one limit changed: few entries, since limits seldom do. The zero history is no limit.
type limitHistory []change

type change struct {
	t int64
	v float64
}

// at gives the limit in force at t: the last change before or at it, the first for earlier times.
func (h limitHistory) at(t int64) float64 {
	i := sort.Search(len(h), func(i int) bool { return h[i].t > t })
	switch {
	case len(h) == 0:
		return math.NaN()
	case i == 0:
		return h[0].v
	}
	return h[i-1].v
}

// limits are those of a task, by the values of the labels on which they match.
type limits struct {
	byKey     map[string]limitHistory
	newest    map[string]uint64 // which series gave a key's limit at the end of the time read
	ambiguous map[string]bool
	common    bool // one limit without labels serves all
}

func newLimits() *limits {
	return &limits{byKey: map[string]limitHistory{}, newest: map[string]uint64{}, ambiguous: map[string]bool{}}
}

// get gives the history of a key's limit and whether several series claim to be it.
func (l *limits) get(key string) (limitHistory, bool) {
	if l.common {
		key = ""
	}
	return l.byKey[key], l.ambiguous[key]
}

func (l *limits) add(key string, member uint64, s source.Sample, to int64) {
	if s.T == to {
		if m, ok := l.newest[key]; ok && m != member {
			l.ambiguous[key] = true
		}
		l.newest[key] = member
	}
	h := l.byKey[key]
	if len(h) == 0 || h[len(h)-1].t < s.T && h[len(h)-1].v != s.V {
		l.byKey[key] = append(h, change{s.T, s.V})
	}
}

// readLimits reads the limits of a task at the multiples of its step in [from, to].
func (t *task) readLimits(ctx context.Context, src Source, from, to int64) (*limits, error) {
	l := newLimits()
	e := t.config.Exhaustion
	switch {
	case e == nil || e.Budget != nil:
		return l, nil
	case e.Limit != nil:
		l.common = true
		l.add("", 0, source.Sample{T: from, V: *e.Limit}, to)
		return l, nil
	}
	one := func(ls labels.Labels, s source.Sample) {
		key := ""
		if len(ls.BytesWithoutLabels(nil, board.Reserved...)) == 0 {
			l.common = true
		} else {
			key = t.limitKey(ls)
		}
		l.add(key, ls.Hash(), s, to)
	}
	var err error
	var warnings source.Warnings
	if from == to {
		warnings, err = src.Instant(ctx, t.config.Name, e.LimitExpr, to, func(ls labels.Labels, s source.Sample) error {
			one(ls, s)
			return nil
		})
	} else {
		warnings, err = src.Range(ctx, t.config.Name, e.LimitExpr, from, to, t.step, func(ls labels.Labels, samples []source.Sample) error {
			for _, s := range samples {
				one(ls, s)
			}
			return nil
		})
	}
	t.warn(warnings)
	if err != nil {
		return nil, fmt.Errorf("reading the limits: %w", err)
	}
	return l, nil
}
