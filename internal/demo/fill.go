package demo

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/storage"
)

// historyStep and liveStep space the samples of the past and of the present.
const (
	historyStep = time.Minute
	liveStep    = 15 * time.Second
)

// writer appends a story to a storage, in order of time.
type writer struct {
	story *story
	to    storage.Appendable
	last  time.Time
	lines []line
}

// line is a series on its way into the storage.
type line struct {
	series series
	ref    storage.SeriesRef
	sum    float64 // of a counter
}

func newWriter(s *story, to storage.Appendable, start time.Time) *writer {
	w := &writer{story: s, to: to, last: start}
	for _, m := range s.metrics {
		for _, v := range m.series {
			w.lines = append(w.lines, line{series: v})
		}
	}
	return w
}

// write appends the samples after the last ones, up to and including until, each step. A batch is committed every
// few hundred moments.
func (w *writer) write(ctx context.Context, until time.Time, step time.Duration) error {
	for w.last.Before(until) {
		if err := ctx.Err(); err != nil {
			return err
		}
		app := w.to.Appender(ctx)
		for range 720 {
			if !w.last.Before(until) {
				break
			}
			t := w.last.Add(step)
			if err := w.append(app, t); err != nil {
				_ = app.Rollback() // the first error counts
				return err
			}
			w.last = t
		}
		if err := app.Commit(); err != nil {
			return fmt.Errorf("write the demo's samples: %w", err)
		}
	}
	return nil
}

func (w *writer) append(app storage.Appender, t time.Time) error {
	m, dt, ms := w.story.moment(t), t.Sub(w.last).Seconds(), t.UnixMilli()
	below := 0.0
	for i := range w.lines {
		l := &w.lines[i]
		v := l.series.value(m)
		if l.series.rate {
			l.sum += v * dt
			v = math.Floor(l.sum)
		}
		if l.series.stacked {
			v += below
		}
		below = v
		ref, err := app.Append(l.ref, l.series.labels, ms, v)
		if err != nil {
			return fmt.Errorf("write %s: %w", l.series.labels, err)
		}
		l.ref = ref
	}
	return nil
}
