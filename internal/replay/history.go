package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
)

// Source answers PromQL over a range of time. What it hands to each is valid during the call only.
type Source interface {
	Range(ctx context.Context, task, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error)
}

// History is what the series of one task were, all on one grid.
type History struct {
	Task        *config.Task
	Start, Step int64 // of the grid, Unix milliseconds
	Len         int   // moments of the grid
	Series      []*Series
	Warnings    []string // of the source
}

// Series is one series of a history.
type Series struct {
	Labels labels.Labels // as exported, with `task`
	Values []float64     // by moment; NaN: missing
	Limits []float64     // in force, by moment; NaN: none; nil: the task has no limit
}

// Read reads a task's history at the multiples of its step in [from, to]. Series of one identity are joined, and limits
// matched, as the live engine does.
func Read(ctx context.Context, src Source, t *config.Task, from, to time.Time) (*History, error) {
	h := newHistory(t, from.UnixMilli(), to.UnixMilli())
	r := reader{History: h, known: map[string]*joined{}}
	warnings, err := src.Range(ctx, t.Name, t.Expr, h.Start, h.end(), time.Duration(h.Step)*time.Millisecond, r.take)
	if err != nil {
		return nil, fmt.Errorf("task %q: reading the series: %w", t.Name, err)
	}
	h.warn(warnings)
	for _, j := range r.ordered {
		h.Series = append(h.Series, &Series{Labels: board.ExportedLabels(t.Name, j.newest), Values: j.values})
	}
	if t.Exhaustion != nil {
		limits, err := readLimits(ctx, src, h)
		if err != nil {
			return nil, fmt.Errorf("task %q: reading the limits: %w", t.Name, err)
		}
		for i, s := range h.Series {
			s.Limits = limits(r.ordered[i].newest)
		}
	}
	return h, nil
}

// FromRows puts the rows of files, by the name of their series, on the task's grid. A limit that is an expression can't
// be known for them.
func FromRows(t *config.Task, rows map[string][]source.Sample) (*History, error) {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range rows {
		for _, r := range s {
			first, last = min(first, r.T), max(last, r.T)
		}
	}
	if first > last {
		return nil, errors.New("the files hold no samples")
	}
	if e := t.Exhaustion; e != nil && e.Limit == nil && e.Budget == nil {
		return nil, fmt.Errorf("task %q: the limit of files has to be a number: set exhaustion.limit", t.Name)
	}
	step := time.Duration(t.Step)
	anchor := last + (step.Milliseconds()-last%step.Milliseconds())%step.Milliseconds()
	h := newHistory(t, first, anchor)
	for name, s := range rows {
		one := &Series{Labels: board.ExportedLabels(t.Name, labels.FromStrings("series", name)), Values: missing(h.Len)}
		if len(s) > 0 {
			grid := Grid(s, anchor, step)
			copy(one.Values[max(0, h.Len-len(grid.Values)):], grid.Values[max(0, len(grid.Values)-h.Len):])
		}
		if t.Exhaustion != nil && t.Exhaustion.Limit != nil {
			one.Limits = slices.Repeat([]float64{*t.Exhaustion.Limit}, h.Len)
		}
		h.Series = append(h.Series, one)
	}
	slices.SortFunc(h.Series, func(a, b *Series) int { return labels.Compare(a.Labels, b.Labels) })
	return h, nil
}

func newHistory(t *config.Task, from, to int64) *History {
	step := time.Duration(t.Step).Milliseconds()
	start := from + (step-from%step)%step
	return &History{Task: t, Start: start, Step: step, Len: int(max(0, (to-start)/step+1))}
}

func (h *History) end() int64 { return h.Start + int64(h.Len-1)*h.Step }

// End is the last moment that has a sample of any series, the last of the grid where none has.
func (h *History) End() time.Time {
	if _, last := h.bounds(); last >= 0 {
		return time.UnixMilli(h.at(last))
	}
	return time.UnixMilli(h.end())
}

func (h *History) at(i int) int64 { return h.Start + int64(i)*h.Step }

// index gives the moment of the grid at or after t.
func (h *History) index(t int64) int { return int((t - h.Start + h.Step - 1) / h.Step) }

func (h *History) warn(w source.Warnings) {
	for _, text := range w {
		if !slices.Contains(h.Warnings, text) {
			h.Warnings = append(h.Warnings, text)
		}
	}
}

// bounds gives the first and last moment that has a sample of any series; none: Len and -1.
func (h *History) bounds() (first, last int) {
	first, last = h.Len, -1
	for _, s := range h.Series {
		for i, v := range s.Values {
			if !math.IsNaN(v) {
				first, last = min(first, i), max(last, i)
			}
		}
	}
	return first, last
}

// joined is one identity while its history is read.
type joined struct {
	values  []float64
	owner   []int32 // which member gave each value
	members map[uint64]int32
	newest  labels.Labels
	seen    int64 // up to when the newest was seen
}

type reader struct {
	*History
	known   map[string]*joined
	ordered []*joined
}

// take keeps what the query returned; of members of one identity at one moment, the one that came last.
func (r *reader) take(ls labels.Labels, samples []source.Sample) error {
	key := identity(r.Task.By, ls)
	j := r.known[key]
	if j == nil {
		if limit := r.Task.SeriesLimit; limit > 0 && len(r.ordered) >= limit {
			return nil
		}
		j = &joined{values: missing(r.Len), owner: make([]int32, r.Len), members: map[uint64]int32{}}
		r.known[key] = j
		r.ordered = append(r.ordered, j)
	}
	member, ok := j.members[ls.Hash()]
	if !ok {
		member = int32(len(j.members) + 1)
		j.members[ls.Hash()] = member
	}
	for _, s := range samples {
		i := int((s.T - r.Start) / r.Step)
		if i < 0 || i >= r.Len || member < j.owner[i] {
			continue
		}
		j.values[i], j.owner[i] = s.V, member
		if math.IsInf(s.V, 0) {
			j.values[i] = math.NaN()
		}
		if s.T >= j.seen {
			j.newest, j.seen = ls.Copy(), s.T
		}
	}
	return nil
}

// readLimits gives a function that finds the limit of a series, by moment.
func readLimits(ctx context.Context, src Source, h *History) (func(labels.Labels) []float64, error) {
	e := h.Task.Exhaustion
	if e.LimitExpr == "" {
		all := missing(h.Len)
		if e.Limit != nil {
			all = slices.Repeat([]float64{*e.Limit}, h.Len)
		}
		return func(labels.Labels) []float64 { return all }, nil
	}
	on := e.On
	if on == nil {
		on = h.Task.By
	}
	byKey := map[string][]float64{}
	var common []float64
	warnings, err := src.Range(ctx, h.Task.Name, e.LimitExpr, h.Start, h.end(), time.Duration(h.Step)*time.Millisecond,
		func(ls labels.Labels, samples []source.Sample) error {
			key := identity(on, ls)
			values := byKey[key]
			if values == nil {
				values = missing(h.Len)
				byKey[key] = values
			}
			if ls.MatchLabels(false, model.MetricNameLabel).IsEmpty() {
				common = values
			}
			for _, s := range samples {
				if i := int((s.T - h.Start) / h.Step); i >= 0 && i < h.Len && usable(s.V, e.Direction == "falling") {
					values[i] = s.V
				}
			}
			return nil
		})
	h.warn(warnings)
	if err != nil {
		return nil, err
	}
	for _, values := range byKey {
		hold(values)
	}
	return func(ls labels.Labels) []float64 {
		if common != nil {
			return common
		}
		if values := byKey[identity(on, ls)]; values != nil {
			return values
		}
		return missing(h.Len)
	}, nil
}

// hold lets a limit stay in force where it is missing later.
func hold(values []float64) {
	for i := 1; i < len(values); i++ {
		if math.IsNaN(values[i]) {
			values[i] = values[i-1]
		}
	}
}

// usable tells whether a limit is one: 0 is none for a rising series, as exporters say "unlimited" so.
func usable(limit float64, falling bool) bool {
	return !math.IsNaN(limit) && !math.IsInf(limit, 0) && (limit != 0 || falling)
}

// identity is what makes a series the same over time: the values of the labels, nil: all of them.
func identity(by []string, ls labels.Labels) string {
	if by == nil {
		return string(ls.BytesWithoutLabels(nil, board.Reserved...))
	}
	return string(ls.BytesWithLabels(nil, slices.Sorted(slices.Values(by))...))
}

func missing(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }
