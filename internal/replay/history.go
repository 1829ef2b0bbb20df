package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
)

// Source answers PromQL over a range of time. What it hands to each is valid during the call only.
type Source interface {
	Range(ctx context.Context, task, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error)
}

// History is what a source gave for one task, all on one grid.
type History struct {
	Task        *config.Task
	Start, Step int64 // of the grid, Unix milliseconds
	Len         int   // moments of the grid
	Warnings    []string

	series, limits cursor // of the source, by its own labels
}

// Read reads a task's history at the multiples of its step in [from, to].
func Read(ctx context.Context, src Source, t *config.Task, from, to time.Time) (*History, error) {
	h := newHistory(t, from.UnixMilli(), to.UnixMilli())
	if err := h.read(ctx, src, t.Expr, &h.series); err != nil {
		return nil, fmt.Errorf("task %q: reading the series: %w", t.Name, err)
	}
	if t.Exhaustion != nil && t.Exhaustion.LimitExpr != "" {
		if err := h.read(ctx, src, t.Exhaustion.LimitExpr, &h.limits); err != nil {
			return nil, fmt.Errorf("task %q: reading the limits: %w", t.Name, err)
		}
	}
	return h, nil
}

func (h *History) read(ctx context.Context, src Source, expr string, into *cursor) error {
	index := map[uint64]int{}
	warnings, err := src.Range(ctx, h.Task.Name, expr, h.Start, h.end(), time.Duration(h.Step)*time.Millisecond,
		func(ls labels.Labels, samples []source.Sample) error {
			into.add(index, ls, samples)
			return nil
		})
	for _, text := range warnings {
		if !slices.Contains(h.Warnings, text) {
			h.Warnings = append(h.Warnings, text)
		}
	}
	return err
}

// Empty reports whether the source gave no series.
func (h *History) Empty() bool { return len(h.series.tracks) == 0 }

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
	index := map[uint64]int{}
	for name, s := range rows {
		if len(s) == 0 {
			continue
		}
		grid := Grid(s, anchor, step)
		var samples []source.Sample
		for i, v := range grid.Values {
			if !math.IsNaN(v) {
				samples = append(samples, source.Sample{T: grid.Start + int64(i)*grid.Step, V: v})
			}
		}
		h.series.add(index, labels.FromStrings("series", name), samples)
	}
	slices.SortFunc(h.series.tracks, func(a, b track) int { return labels.Compare(a.labels, b.labels) })
	return h, nil
}

func newHistory(t *config.Task, from, to int64) *History {
	step := time.Duration(t.Step).Milliseconds()
	start := from + (step-from%step)%step
	return &History{Task: t, Start: start, Step: step, Len: int(max(0, (to-start)/step+1))}
}

func (h *History) end() int64 { return h.Start + int64(h.Len-1)*h.Step }

// End is the last moment that has a number of any series, the last of the grid where none has.
func (h *History) End() time.Time {
	if _, last := h.bounds(); last >= 0 {
		return time.UnixMilli(h.at(last))
	}
	return time.UnixMilli(h.end())
}

func (h *History) at(i int) int64 { return h.Start + int64(i)*h.Step }

// index gives the moment of the grid at or after t.
func (h *History) index(t int64) int { return int((t - h.Start + h.Step - 1) / h.Step) }

// bounds gives the first and last moment that has a number of any series; none: Len and -1.
func (h *History) bounds() (first, last int) {
	first, last = h.Len, -1
	for i := range h.series.tracks {
		for _, s := range h.series.tracks[i].samples {
			if !math.IsNaN(s.V) && !math.IsInf(s.V, 0) {
				first, last = min(first, h.index(s.T)), max(last, h.index(s.T))
			}
		}
	}
	return first, last
}

func missing(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }
