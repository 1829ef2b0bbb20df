package engine

import (
	"context"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/source"
)

// limits are those of a task at one moment, by the values of the labels on which they match.
type limits struct {
	byKey  map[string]limit
	common bool // one limit without labels serves all
}

type limit struct {
	value   float64
	several bool // series claim to be it
}

// get returns the limit of a key, NaN where there is none, and reports whether several series claim to be it.
func (l *limits) get(key string) (value float64, ambiguous bool) {
	if l.common {
		key = ""
	}
	one, ok := l.byKey[key]
	if !ok || one.several {
		return math.NaN(), ok
	}
	return one.value, false
}

// readLimits reads the limits of a task in force at a moment.
func (t *task) readLimits(ctx context.Context, src Source, at int64) (*limits, error) {
	l := &limits{byKey: map[string]limit{}}
	e := t.config.Exhaustion
	switch {
	case e == nil || e.Budget != nil:
		return l, nil
	case e.Limit != nil:
		l.common, l.byKey[""] = true, limit{value: *e.Limit}
		return l, nil
	}
	warnings, err := src.Instant(ctx, t.config.Name, e.LimitExpr, at, func(ls labels.Labels, s source.Sample) error {
		key := ""
		if len(ls.BytesWithoutLabels(nil, board.Reserved...)) == 0 {
			l.common = true
		} else {
			key = t.limitKey(ls)
		}
		_, several := l.byKey[key]
		l.byKey[key] = limit{s.V, several}
		return nil
	})
	t.warn(warnings)
	if err != nil {
		return nil, fmt.Errorf("reading the limits: %w", err)
	}
	return l, nil
}
