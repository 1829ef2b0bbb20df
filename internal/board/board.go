// Package board holds the latest published state of every series. A [Snapshot] is immutable once published and is
// swapped as a whole, so that scrapes, pages and queries read it without locks while the engine works.
package board

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/models"
)

// Board holds one snapshot of each task. The zero Board is empty and ready; it is safe for concurrent use with one
// publisher a task.
type Board struct {
	tasks       atomic.Pointer[[]*Snapshot]
	subscribers subscribers
}

// Snapshots gives the latest snapshot of each task, by name. The caller only reads it.
func (b *Board) Snapshots() []*Snapshot {
	if p := b.tasks.Load(); p != nil {
		return *p
	}
	return nil
}

// Task gives the latest snapshot of a task, nil where there is none.
func (b *Board) Task(name string) *Snapshot {
	all := b.Snapshots()
	if i, ok := slices.BinarySearchFunc(all, name, byName); ok {
		return all[i]
	}
	return nil
}

// Publish replaces the snapshot of the task of that name, or adds it.
func (b *Board) Publish(s *Snapshot) {
	for {
		old := b.tasks.Load()
		var next []*Snapshot
		if old != nil {
			next = slices.Clone(*old)
		}
		i, ok := slices.BinarySearchFunc(next, s.Task, byName)
		if ok {
			next[i] = s
		} else {
			next = slices.Insert(next, i, s)
		}
		if b.tasks.CompareAndSwap(old, &next) {
			b.subscribers.tell(s)
			return
		}
	}
}

// Retain drops the tasks that keep refuses.
func (b *Board) Retain(keep func(task string) bool) {
	for {
		old := b.tasks.Load()
		if old == nil {
			return
		}
		next := slices.DeleteFunc(slices.Clone(*old), func(s *Snapshot) bool { return !keep(s.Task) })
		if b.tasks.CompareAndSwap(old, &next) {
			return
		}
	}
}

func byName(s *Snapshot, name string) int { return strings.Compare(s.Task, name) }

// Snapshot is the published state of one task. Nothing in it changes after publication, except what Ahead answers.
type Snapshot struct {
	Task        string
	Origin      int64         // the moment the numbers speak of, Unix milliseconds; 0: none yet
	Step        time.Duration // of the grid
	Level       float64       // of the intervals
	Horizon     time.Duration // for which Ahead answers at least: the longest that is named, or a week; see Reach
	History     time.Duration // how far back the task reads
	LastSuccess time.Time     // zero: never
	Missed      uint64        // evaluations failed or left out, since the start
	Dropped     int           // series left out by a limit
	Error       string        // why the last evaluation failed; "": it did not
	Groups      []Group       // exported groups of metrics; GroupAlways is implied

	States  [models.NumStates]int
	Series  []Series // by labels
	Columns []Column // values of the series, family by family, in the order of SeriesMetrics
	Rows    []Row    // of TaskMetrics, family by family; without those that follow from the fields above
}

// Series is one series of a snapshot, also one that is not forecast.
type Series struct {
	// Labels as exported: without the metric name, the source's labels of Foresight's names moved to exported_<name>,
	// `task` set. Where `job` or `instance` is absent, the collector exposes it empty: it need not be held here.
	Labels labels.Labels
	State  models.State
	Model  string
	Season string // such as "1d,1w"; "none"
	Score  models.Score
	Ahead  Ahead // nil where the series is not forecast
}

// Ahead computes curves on demand. It is safe for concurrent use and may speak of a newer origin than the snapshot.
type Ahead interface {
	// Curve fills dst with the expectation and its interval at each multiple of step in [from, to] (Unix
	// milliseconds) and returns it, together with the origin: up to and including it the points are what was expected
	// then, after it what is forecast now. Times for which nothing is known are left out.
	Curve(dst []Point, from, to int64, step time.Duration) (points []Point, origin int64)
}

// Point is one moment of a curve.
type Point = models.Point

// Past is what an Ahead may give besides: the newest samples with what had been expected of them, for stages that look
// at several series. It is as safe to use as Ahead.
type Past interface {
	// Recent appends to dst the newest n moments of the series, oldest first, as far as they are remembered.
	Recent(dst []Seen, n int) []Seen
}

// Seen is a sample (NaN: missing) and what had been expected of it, before it was seen (unknown: nothing): Value less
// Expected.Mean is an error out of sample.
type Seen struct {
	T        int64
	Value    float64
	Expected models.Interval
}

// Column is one metric family, or one label value of it, over all series of a snapshot.
type Column struct {
	Metric     Metric
	Label      string    // such as "horizon"; "": none
	LabelValue string    // such as "6h"
	Values     []float64 // by series; NaN: not exported
	Hidden     bool      // for the pages only, not exposed: a family that the task does not export, or Limit
}

// Row is one value of a group or task.
type Row struct {
	Metric Metric
	Labels labels.Labels // with `task`
	Value  float64
}

// Column gives the values of a family by series, hidden ones too, nil where the snapshot has none. labelValue is "" for
// families without an own label.
func (s *Snapshot) Column(m Metric, labelValue string) []float64 {
	for i := range s.Columns {
		if s.Columns[i].Metric.Name == m.Name && s.Columns[i].LabelValue == labelValue {
			return s.Columns[i].Values
		}
	}
	return nil
}
