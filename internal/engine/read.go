package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/source"
)

// follow reads and learns what is new up to the origin: with one query where that is one step, in slices where it is
// more, and all the history at first.
func (t *task) follow(ctx context.Context, src Source, origin int64) error {
	step := t.step.Milliseconds()
	from := origin - t.history.Milliseconds()
	from += (step - from%step) % step
	if last, ok := t.fleet.Origin(); ok {
		from = max(from, last+step)
	}
	if t.fleet.Size() == 0 {
		if err := t.refuseFlood(ctx, src, origin); err != nil {
			return err
		}
		t.hold = fleet.HoldOf(from, origin)
	}
	if err := t.read(ctx, src, from, origin); err != nil {
		return err
	}
	t.hold = fleet.NoHold
	return nil
}

// refuseFlood counts the series of the task before their history is read: where they are far more than series_limit, a
// mistake in the expression is likelier than a wish for some of them.
func (t *task) refuseFlood(ctx context.Context, src Source, origin int64) error {
	n := 0
	_, err := src.Instant(ctx, t.config.Name, "count("+t.config.Expr+"\n)", origin, func(_ labels.Labels, s source.Sample) error {
		n = int(s.V)
		return nil
	})
	switch limit := t.config.SeriesLimit; {
	case errors.Is(err, source.ErrRejected): // a scalar can't be counted
		return nil
	case err != nil:
		return fmt.Errorf("counting the series: %w", err)
	case limit > 0 && n > 2*limit*t.engine.options.Shard.Of():
		return fmt.Errorf("the expression gives %d series where series_limit is %d: none is read", n, limit)
	}
	return nil
}

// read reads and learns the samples at the multiples of the step in [from, to], and the limits at its end.
func (t *task) read(ctx context.Context, src Source, from, to int64) error {
	if err := t.readLimits(ctx, src, to); err != nil {
		return err
	}
	t.fleet.Begin(t.hold)
	_, before := t.fleet.Origin()
	var warnings source.Warnings
	var err error
	if from == to {
		var one [1]source.Sample
		warnings, err = src.Instant(ctx, t.config.Name, t.config.Expr, to, func(ls labels.Labels, s source.Sample) error {
			one[0] = s
			return t.fleet.Take(ls, one[:])
		})
	} else {
		warnings, err = src.Range(ctx, t.config.Name, t.config.Expr, from, to, t.step, t.fleet.Take)
	}
	t.warn(warnings)
	if err != nil {
		t.fleet.BreakOff()
		return fmt.Errorf("reading the series: %w", err)
	}
	if before && t.fleet.Joined() > 0 {
		t.readPast(ctx, src, from)
	}
	t.fleet.Reach(to)
	return nil
}

// readLimits reads the limits in force at a moment, where they are an expression.
func (t *task) readLimits(ctx context.Context, src Source, at int64) error {
	e := t.config.Exhaustion
	if e == nil || e.LimitExpr == "" {
		return nil
	}
	warnings, err := src.Instant(ctx, t.config.Name, e.LimitExpr, at, func(ls labels.Labels, s source.Sample) error {
		t.fleet.Limit(ls, at, s.V)
		return nil
	})
	t.warn(warnings)
	if err != nil {
		return fmt.Errorf("reading the limits: %w", err)
	}
	return nil
}

// readPast reads the history before a moment of series that joined at or after it, if they have one: if they were there
// an hour or a day before. Most series that join are new, and a task whose series come and go all the time reads history
// at most once an hour.
func (t *task) readPast(ctx context.Context, src Source, before int64) {
	now := t.engine.options.Now()
	if now.Sub(t.joinedAt) < time.Hour {
		return
	}
	step := t.step.Milliseconds()
	old := false
	for _, ago := range []time.Duration{time.Hour, 24 * time.Hour} {
		at := before - ago.Milliseconds()
		_, err := src.Instant(ctx, t.config.Name, t.config.Expr, at-at%step, func(ls labels.Labels, _ source.Sample) error {
			old = t.fleet.Fresh(ls) || old
			return nil
		})
		if err != nil {
			t.log.Warn("Looking for the history of new series failed", "err", err)
			return
		}
	}
	if !old {
		return
	}
	t.joinedAt = now
	from := before - t.history.Milliseconds()
	from -= from % step
	t.fleet.Hold(fleet.HoldOf(from, before))
	if _, err := src.Range(ctx, t.config.Name, t.config.Expr, from, before-step, t.step, t.fleet.TakePast); err != nil {
		t.log.Warn("Reading the history of new series failed: they start with less", "err", err)
	}
}
