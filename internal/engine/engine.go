// Package engine drives the tasks: it has the clock, reads the source and tries again where that fails, gives each task's
// fleet what it read, and publishes what is read out of it to the board.
//
// Read task.go (one evaluation after the other), read.go (history, catching up, joining), saver.go (what is kept on
// disk) and engine.go (starting, reloading, stopping).
package engine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/state"
)

// Source answers PromQL. What it hands to each is valid during the call only.
type Source interface {
	// Range evaluates expr at every multiple of step in [from, to], in slices of time, oldest first. A slice is handed
	// over whole or not at all: what came before an error is complete up to the newest sample of it.
	Range(ctx context.Context, task, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error)
	// Instant evaluates expr at one moment.
	Instant(ctx context.Context, task, expr string, at int64, each func(labels.Labels, source.Sample) error) (source.Warnings, error)
}

// Options of an engine.
type Options struct {
	Board       *board.Board
	StoragePath string // where learnt state is kept; "": nowhere
	Shard       fleet.Shard
	Logger      *slog.Logger
	Registerer  prometheus.Registerer
	Now         func() time.Time // nil: time.Now
}

// Engine runs one goroutine for each task. Its methods must not be called concurrently, except Waiting.
type Engine struct {
	options Options
	metrics *metrics
	pool    *fleet.Pool
	clock   *clock
	told    told

	mu      sync.Mutex
	running map[string]*running
	shown   atomic.Pointer[[]*task] // those of running, for Waiting
}

type running struct {
	task   *task
	cancel context.CancelFunc
	done   chan struct{}
}

// New returns an engine without tasks.
func New(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.StoragePath != "" {
		state.RemoveLeftovers(o.StoragePath, fleet.Ending)
	}
	e := &Engine{options: o, metrics: newMetrics(o.Registerer, o.StoragePath != ""), pool: fleet.NewPool(), running: map[string]*running{}}
	e.clock = newClock(&e.options)
	return e
}

// Apply makes the tasks of c run against src: new ones start, those no longer there stop, changed ones start anew with
// what is still valid of what they learnt, and the others go on undisturbed, from now on with src. It returns once the
// old ones have stopped.
func (e *Engine) Apply(c *config.Config, src Source) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wanted := map[string]*config.Task{}
	for _, t := range c.Tasks {
		wanted[t.Name] = t
	}
	for name, r := range e.running {
		if t, ok := wanted[name]; ok && sameTask(t, r.task.config) {
			r.task.source.Store(&src)
			r.task.exportedLimit.Store(int64(c.ExportedSeriesLimit))
			delete(wanted, name)
			continue
		}
		r.stop()
		delete(e.running, name)
		e.metrics.forget(name)
	}
	e.options.Board.Retain(func(name string) bool { return e.running[name] != nil || wanted[name] != nil })
	for _, t := range c.Tasks {
		if wanted[t.Name] != nil {
			e.start(t, src, c.ExportedSeriesLimit)
		}
	}
	shown := make([]*task, 0, len(c.Tasks))
	for _, t := range c.Tasks {
		shown = append(shown, e.running[t.Name].task)
	}
	e.shown.Store(&shown)
}

func (e *Engine) start(c *config.Task, src Source, exportedLimit int) {
	t := newTask(e, c)
	e.metrics.warnings.WithLabelValues(c.Name)
	t.source.Store(&src)
	t.exportedLimit.Store(int64(exportedLimit))
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{task: t, cancel: cancel, done: make(chan struct{})}
	e.running[c.Name] = r
	go func() {
		defer close(r.done)
		t.run(ctx)
	}()
}

func (r *running) stop() {
	r.cancel()
	<-r.done
}

// Stop ends all tasks, keeps what they learnt, and returns when they have ended.
func (e *Engine) Stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.running {
		r.cancel()
	}
	for _, r := range e.running {
		<-r.done
	}
	clear(e.running)
}

// Waiting names the tasks whose first evaluation is still to come; none: the engine is ready. It does not wait for
// Apply or Stop.
func (e *Engine) Waiting() []string {
	shown := e.shown.Load()
	if shown == nil {
		return nil
	}
	var names []string
	for _, t := range *shown {
		if !t.settled.Load() {
			names = append(names, t.config.Name)
		}
	}
	return names
}
