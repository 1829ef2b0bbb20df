package engine

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// task follows the series of one configured task. Its fields belong to the goroutine of run, the atomic ones and the
// fleet's saving apart.
type task struct {
	engine  *Engine
	config  *config.Task
	log     *slog.Logger
	fleet   *fleet.Fleet
	readout *readout.Readout

	source        atomic.Pointer[Source]
	exportedLimit atomic.Int64
	settled       atomic.Bool // the first evaluation succeeded, or can't until the configuration changes

	step, history, offset time.Duration

	lastSuccess time.Time
	missed      uint64
	failure     string // of the last evaluation; "": none
	cause       string // of the failure that was logged last
	published   bool
	warned      map[string]bool // warnings of the source that were logged and go on
	warns       map[string]bool // those of the evaluation under way
	hold        int64           // of the first history, until it is read
	joinedAt    time.Time       // of the last reading of history for series that joined
}

func newTask(e *Engine, c *config.Task) *task {
	return &task{
		engine: e, config: c, log: e.options.Logger.With("task", c.Name), readout: readout.New(c, nil),
		fleet: fleet.New(fleet.Options{
			Task: c, Pool: e.pool, Shard: e.options.Shard,
			Fitted: func(d time.Duration) { e.metrics.fit.Observe(d.Seconds()) },
		}),
		step: time.Duration(c.Step), history: time.Duration(c.History), offset: time.Duration(*c.QueryOffset),
		warned: map[string]bool{}, warns: map[string]bool{}, hold: fleet.NoHold,
	}
}

// sameTask reports whether two tasks are configured alike. Locations of one name differ in what they cache.
func sameTask(a, b *config.Task) bool {
	x, y := *a, *b
	x.Location, y.Location = nil, nil
	return reflect.DeepEqual(&x, &y)
}

// run evaluates the task until ctx ends: at once, and then at every evaluation interval, at a moment of it that
// depends on the task's name, so that tasks are spread over time.
func (t *task) run(ctx context.Context) {
	defer context.AfterFunc(ctx, t.fleet.Interrupt)()
	s := newSaver(t)
	s.load()
	learnt := make(chan struct{}) // closed when there is something to keep
	go s.run(ctx, learnt)
	defer s.stop()
	for first := true; ; {
		begin := t.engine.options.Now()
		wait, start := t.next(begin).Sub(begin), time.Now()
		t.evaluate(ctx)
		now := t.engine.options.Now()
		if late := time.Since(start) - wait; late >= 0 { // what was due meanwhile is left out
			t.missed += uint64(late/time.Duration(t.config.EvaluationInterval)) + 1
		}
		if _, ok := t.fleet.Origin(); ok && first {
			first = false
			close(learnt)
		}
		timer := time.NewTimer(t.next(now).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
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
	start := time.Now()
	src := *t.source.Load()
	now, told := t.engine.clock.read(ctx, src)
	due := now.Add(-t.offset).UnixMilli()
	due -= due % t.step.Milliseconds()
	shown := due // the moment as of which all is published
	var err error
	origin, ok := t.fleet.Origin()
	if staleAfter := fleet.StaleAfter(t.step).Milliseconds(); ok && origin-due > staleAfter {
		if err = t.turnBack(due, told); err != nil {
			shown = origin + staleAfter // all is stale then
		}
		origin, ok = t.fleet.Origin()
	}
	if ok && due <= origin && err == nil && t.failure == "" && t.published {
		return
	}
	if err == nil && (!ok || due > origin) {
		if err = t.follow(ctx, src, due); err == nil {
			t.settleWarnings()
		}
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		t.missed++
		if c := causeOf(err); t.cause != c && t.engine.told.allow(c, t.config.Name) {
			t.cause = c
			t.log.Error("Evaluation failed", "err", err)
		}
		t.failure = err.Error()
	} else {
		if t.cause != "" && t.engine.told.allow("", t.config.Name) {
			t.cause = ""
			t.log.Info("Evaluation succeeds again")
		}
		t.failure, t.lastSuccess = "", now
	}
	t.publish(shown)
	t.published = true
	if err == nil || errors.Is(err, source.ErrRejected) {
		t.settled.Store(true)
	}
	t.engine.metrics.evaluation.WithLabelValues(t.config.Name).Observe(time.Since(start).Seconds())
}

// causeOf gives what failures of one cause have in common: the texts tell times, which differ.
func causeOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return string(e.Reason)
	}
	return err.Error()
}

// publish puts what all series say on the board, as of the moment that is due.
func (t *task) publish(due int64) {
	listed, dropped := t.withinLimit(t.fleet.Listed(due))
	snap := &board.Snapshot{LastSuccess: t.lastSuccess, Missed: t.missed, Dropped: t.fleet.Dropped() + dropped, Error: t.failure}
	t.readout.Read(snap, t.fleet, listed, due)
	for i, s := range listed {
		state := snap.Series[i].State
		if state != s.Told && (state == models.StateAmbiguous || state == models.StateFailed) {
			t.log.Warn("A series is not forecast", "state", state, "series", s.Labels, "reason", s.Failure())
		}
		s.Told = state
	}
	t.engine.options.Board.Publish(snap)
}

// withinLimit leaves out the last of the series where all tasks together would export more than exported_series_limit.
func (t *task) withinLimit(listed []*fleet.Series) (kept []*fleet.Series, dropped int) {
	limit := int(t.exportedLimit.Load())
	if limit == 0 {
		return listed, 0
	}
	for _, s := range t.engine.options.Board.Snapshots() {
		if s.Task != t.config.Name {
			limit -= len(s.Series) * readout.Exported(s.Columns, s.Groups)
		}
	}
	n := min(len(listed), max(limit, 0)/max(t.readout.Exported(), 1))
	return listed[:n], len(listed) - n
}
