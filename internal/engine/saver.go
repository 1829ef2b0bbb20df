package engine

import (
	"context"
	"time"

	"github.com/foresight-exporter/foresight/internal/fleet"
)

// saveInterval is how often what was learnt is saved, one partition after the other.
const saveInterval = 15 * time.Minute

// saver keeps what a task has learnt, beside its evaluations, so that no disk holds them up.
type saver struct {
	task    *task
	dir     string // "": nowhere
	failing bool
	done    chan struct{}
}

func newSaver(t *task) *saver {
	return &saver{task: t, dir: t.engine.options.StoragePath, done: make(chan struct{})}
}

// load takes up what was saved. What can't be used is logged and learnt anew from the source.
func (s *saver) load() {
	if s.dir == "" {
		return
	}
	t := s.task
	lost, err := t.fleet.Load(s.dir)
	if err != nil {
		t.log.Warn("The saved state is not used: the history is read anew", "err", err)
	}
	if lost > 0 {
		t.log.Warn("A part of the saved state is not used: those series start anew", "series", lost)
	}
	if origin, ok := t.fleet.Origin(); ok {
		t.log.Info("The saved state is used", "series", t.fleet.Size(), "origin", time.UnixMilli(origin).UTC())
	}
}

// run saves everything once something was learnt, and then partition by partition until ctx ends.
func (s *saver) run(ctx context.Context, learnt <-chan struct{}) {
	defer close(s.done)
	if s.dir == "" {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-learnt:
	}
	s.all()
	ticker := time.NewTicker(saveInterval / fleet.Partitions)
	defer ticker.Stop()
	for next := 0; ; next = (next + 1) % fleet.Partitions {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.save(next)
		}
	}
}

// stop saves everything after run has ended.
func (s *saver) stop() {
	<-s.done
	if s.dir != "" {
		s.all()
	}
}

func (s *saver) all() {
	for i := range fleet.Partitions {
		s.save(i)
	}
}

// save saves one partition. Failures in a row are logged once: the task goes on without.
func (s *saver) save(partition int) {
	saved, err := s.task.fleet.Save(s.dir, partition)
	if err != nil && !s.failing {
		s.task.log.Error("What was learnt can't be saved", "path", s.dir, "err", err)
	}
	if err != nil {
		s.task.engine.metrics.notSaved.Inc()
	} else {
		s.task.engine.metrics.saved.SetToCurrentTime()
	}
	s.failing = err != nil || s.failing && !saved
}
