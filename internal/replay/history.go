package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
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
	// Ambiguous tells, by moment, whether members of one identity had been alive together for too long; nil: never.
	Ambiguous []bool
}

// Read reads a task's history at the multiples of its step in [from, to]. Series of one identity are joined, and limits
// matched, as the live engine does.
func Read(ctx context.Context, src Source, t *config.Task, from, to time.Time) (*History, error) {
	h := newHistory(t, from.UnixMilli(), to.UnixMilli())
	r := reader{History: h, by: identity.Sorted(t.By), known: map[string]*joined{}, newest: h.Start - 1}
	warnings, err := src.Range(ctx, t.Name, t.Expr, h.Start, h.end(), time.Duration(h.Step)*time.Millisecond, r.take)
	if err != nil {
		return nil, fmt.Errorf("task %q: reading the series: %w", t.Name, err)
	}
	h.warn(warnings)
	r.learn(math.MaxInt64)
	for _, j := range r.ordered {
		h.Series = append(h.Series, &Series{Labels: board.ExportedLabels(t.Name, j.labels()), Values: j.values, Ambiguous: j.ambiguous})
	}
	if t.Exhaustion != nil {
		limits, err := readLimits(ctx, src, h)
		if err != nil {
			return nil, fmt.Errorf("task %q: reading the limits: %w", t.Name, err)
		}
		for i, s := range h.Series {
			s.Limits = limits(r.ordered[i].labels())
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
	values    []float64
	ambiguous []bool // nil: never
	join      identity.Join
	members   map[uint64]labels.Labels
	pending   []identity.Sample
}

func (j *joined) labels() labels.Labels { return j.members[j.join.Newest] }

type reader struct {
	*History
	by      []string // sorted; nil: all labels
	known   map[string]*joined
	ordered []*joined
	newest  int64 // time of the newest sample taken
}

// take keeps the samples of one series of one slice until the slice is complete.
func (r *reader) take(ls labels.Labels, samples []source.Sample) error {
	if len(samples) == 0 {
		return nil
	}
	if samples[0].T > r.newest {
		r.learn(samples[0].T)
	}
	key := string(identity.Key(nil, r.by, ls))
	j := r.known[key]
	if j == nil {
		if limit := r.Task.SeriesLimit; limit > 0 && len(r.ordered) >= limit {
			return nil
		}
		j = &joined{values: missing(r.Len), members: map[uint64]labels.Labels{}}
		r.known[key] = j
		r.ordered = append(r.ordered, j)
	}
	hash := ls.Hash()
	if _, ok := j.members[hash]; !ok {
		j.members[hash] = ls.Copy()
	}
	for _, s := range samples {
		j.pending = append(j.pending, identity.Sample{Member: hash, T: s.T, V: s.V})
	}
	r.newest = max(r.newest, samples[len(samples)-1].T)
	return nil
}

// learn puts what is pending before a moment on the grid.
func (r *reader) learn(before int64) {
	for _, j := range r.ordered {
		j.pending = j.join.Each(j.pending, before, func(t int64, v float64, _ []identity.Sample) {
			i := int((t - r.Start) / r.Step)
			if i < 0 || i >= r.Len {
				return
			}
			if !math.IsInf(v, 0) {
				j.values[i] = v
			}
			if j.join.Ambiguous() {
				if j.ambiguous == nil {
					j.ambiguous = make([]bool, r.Len)
				}
				j.ambiguous[i] = true
			}
		})
	}
}

func missing(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }
