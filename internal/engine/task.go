package engine

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// task follows the series of one configured task. Its fields belong to the goroutine of run, the atomic ones apart.
type task struct {
	engine  *Engine
	config  *config.Task
	options *models.Options
	log     *slog.Logger
	readout *readout.Readout

	source        atomic.Pointer[Source]
	exportedLimit atomic.Int64
	settled       atomic.Bool // the first evaluation succeeded, or can't until the configuration changes

	step, history, offset time.Duration
	by, on                []string // sorted; nil: all labels but the name
	groupBy               []string // as exported, with task; sorted

	series  map[string]*fleet.Series
	ordered []*fleet.Series // by exported labels; nil: to be sorted anew
	origin  int64           // up to which all was read, Unix milliseconds; 0: nothing was

	lastSuccess time.Time
	missed      uint64
	refused     map[string]bool // identities left out by series_limit at the last evaluation
	failure     string          // of the last evaluation; "": none
	cause       string          // of the failure that was logged last
	published   bool
	peersOf     int64 // the origin of the last peer scores
	warned      map[string]bool
	joinedAt    time.Time // of the last reading of history for series that joined
	savedAt     time.Time // zero: what was learnt is on no disk yet
}

func newTask(e *Engine, c *config.Task) *task {
	o := c.ModelOptions()
	t := &task{
		engine: e, config: c, options: o, log: e.options.Logger.With("task", c.Name), readout: readout.New(c, nil),
		step: time.Duration(c.Step), history: time.Duration(c.History), offset: time.Duration(*c.QueryOffset),
		series: map[string]*fleet.Series{}, refused: map[string]bool{}, warned: map[string]bool{},
		by: identity.Sorted(c.By), groupBy: []string{"task"},
	}
	for _, name := range c.GroupBy {
		t.groupBy = append(t.groupBy, board.ExportedLabel(name))
	}
	slices.Sort(t.groupBy)
	if t.on = t.by; c.Exhaustion != nil && c.Exhaustion.On != nil {
		t.on = identity.Sorted(c.Exhaustion.On)
	}
	return t
}

// sameTask tells whether two tasks are configured alike. Locations of one name differ in what they cache.
func sameTask(a, b *config.Task) bool {
	x, y := *a, *b
	x.Location, y.Location = nil, nil
	return reflect.DeepEqual(&x, &y)
}

// saveInterval is how often what was learnt is saved.
const saveInterval = 15 * time.Minute

// run evaluates the task until ctx ends: at once, and then at every evaluation interval, at a moment of it that
// depends on the task's name, so that tasks are spread over time.
func (t *task) run(ctx context.Context) {
	t.restore()
	for {
		due := t.next(t.engine.options.Now())
		t.evaluate(ctx)
		now := t.engine.options.Now()
		if late := now.Sub(due); late >= 0 { // what was due meanwhile is left out
			t.missed += uint64(late/time.Duration(t.config.EvaluationInterval)) + 1
		}
		if now.Sub(t.savedAt) >= saveInterval {
			t.save(now)
		}
		timer := time.NewTimer(t.next(now).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			t.save(now)
			return
		case <-timer.C:
		}
	}
}

// next is when the task is evaluated after now.
func (t *task) next(now time.Time) time.Time {
	h := fnv.New64a()
	h.Write([]byte(t.config.Name))
	every := time.Duration(t.config.EvaluationInterval)
	spread := time.Duration(h.Sum64() % uint64(min(every, time.Minute)))
	at := now.Add(-spread).Truncate(every).Add(spread)
	return at.Add(every)
}

// evaluate reads what is new, learns it and publishes. A failure is published too: it never stops the task.
func (t *task) evaluate(ctx context.Context) {
	start := t.engine.options.Now()
	origin := start.Add(-t.offset).UnixMilli()
	origin -= origin % t.step.Milliseconds()
	if t.origin-origin > t.staleAfter().Milliseconds() {
		t.log.Warn("The clock went back: the history is read anew", "from", time.UnixMilli(t.origin).UTC(), "to", time.UnixMilli(origin).UTC())
		t.forget()
	}
	if origin <= t.origin && t.failure == "" && t.published {
		return
	}
	var err error
	if origin > t.origin {
		err = t.follow(ctx, *t.source.Load(), origin)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		t.missed++
		if c := causeOf(err); t.cause != c {
			t.cause = c
			t.log.Error("Evaluation failed", "err", err)
		}
		t.failure = err.Error()
	} else {
		if t.failure != "" {
			t.log.Info("Evaluation succeeds again")
		}
		t.failure, t.cause, t.lastSuccess = "", "", start
	}
	t.publish(origin)
	t.published = true
	if err == nil || errors.Is(err, source.ErrRejected) {
		t.settled.Store(true)
	}
	t.engine.metrics.evaluation.WithLabelValues(t.config.Name).Observe(t.engine.options.Now().Sub(start).Seconds())
}

// causeOf gives what failures of one cause have in common: the texts tell times, which differ.
func causeOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return string(e.Reason)
	}
	return err.Error()
}

// warn logs each warning of the source once.
func (t *task) warn(w source.Warnings) {
	for _, text := range w {
		if !t.warned[text] && len(t.warned) < 100 {
			t.warned[text] = true
			t.log.Warn("The source warns", "warning", text)
		}
	}
}

// forget drops what was learnt.
func (t *task) forget() {
	t.origin, t.peersOf, t.ordered = 0, 0, nil
	clear(t.series)
}

// staleAfter is how long a series is exported without a new sample.
func (t *task) staleAfter() time.Duration { return fleet.StaleAfter(t.step) }
