package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/source"
)

// warmUp is the end of a first history that is followed as live samples are, with the models fitted: it shows how good
// the forecasts are, before anything is exported.
const warmUp = 24 * time.Hour

// follow reads and learns what is new up to the origin: with one query where that is one step, in slices where it is
// more, and all the history at first.
func (t *task) follow(ctx context.Context, src Source, origin int64) error {
	from := t.origin + t.step.Milliseconds()
	oldest := origin - t.history.Milliseconds()
	oldest += t.step.Milliseconds() - 1
	oldest -= oldest % t.step.Milliseconds()
	if from < oldest {
		from = oldest
	}
	if len(t.series) == 0 {
		if err := t.refuseFlood(ctx, src, origin); err != nil {
			return err
		}
	}
	if len(t.series) == 0 && origin-from > warmUp.Milliseconds() {
		middle := origin - warmUp.Milliseconds()
		middle -= middle % t.step.Milliseconds()
		if err := t.read(ctx, src, from, middle); err != nil {
			return err
		}
		t.refit(ctx)
		from = middle + t.step.Milliseconds()
	}
	if err := t.read(ctx, src, from, origin); err != nil {
		return err
	}
	t.refit(ctx)
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
	case limit > 0 && n > 2*limit*t.engine.options.Shard.of():
		return fmt.Errorf("the expression gives %d series where series_limit is %d: none is read", n, limit)
	}
	return nil
}

// read reads and learns the samples at the multiples of the step in [from, to].
func (t *task) read(ctx context.Context, src Source, from, to int64) error {
	l, err := t.readLimits(ctx, src, to)
	if err != nil {
		return err
	}
	r := &reader{task: t, newest: from - 1}
	var warnings source.Warnings
	if from == to {
		warnings, err = src.Instant(ctx, t.config.Name, t.config.Expr, to, func(ls labels.Labels, s source.Sample) error {
			return r.take(ls, []source.Sample{s})
		})
	} else {
		warnings, err = src.Range(ctx, t.config.Name, t.config.Expr, from, to, t.step, r.take)
	}
	t.warn(warnings)
	if err != nil {
		r.learn(math.MaxInt64) // the slices before the one that failed are whole
		if r.newest >= from {
			t.origin = r.newest
		}
		return fmt.Errorf("reading the series: %w", err)
	}
	if len(r.joined) > 0 && t.origin != 0 {
		t.readHistory(ctx, src, r.joined, from)
	}
	r.learn(math.MaxInt64)
	t.origin = to
	for _, s := range t.series {
		s.Limit, s.AmbiguousLimit = l.get(s.LimitKey)
	}
	t.refused = r.refused
	return nil
}

// readHistory reads the history before a moment of series that joined at or after it, if they have one: if they were
// there an hour or a day before. Most series that join are new, and a task whose series come and go all the time reads
// history at most once an hour.
func (t *task) readHistory(ctx context.Context, src Source, joined []*fleet.Series, before int64) {
	now := t.engine.options.Now()
	if now.Sub(t.joinedAt) < time.Hour {
		return
	}
	old := map[*fleet.Series]bool{}
	for _, ago := range []time.Duration{time.Hour, 24 * time.Hour} {
		at := before - ago.Milliseconds()
		at -= at % t.step.Milliseconds()
		_, err := src.Instant(ctx, t.config.Name, t.config.Expr, at, func(ls labels.Labels, _ source.Sample) error {
			s := t.series[string(identity.Key(nil, t.by, ls))]
			// What has learnt already, of a read in several slices, can't learn what was before.
			if s != nil && slices.Contains(joined, s) && s.Forecaster.End() == 0 {
				old[s] = true
			}
			return nil
		})
		if err != nil {
			t.log.Warn("Looking for the history of new series failed", "err", err)
			return
		}
	}
	if len(old) == 0 {
		return
	}
	t.joinedAt = now
	from := before - t.history.Milliseconds()
	from -= from % t.step.Milliseconds()
	to := before - t.step.Milliseconds()
	h := &reader{task: t, only: old, newest: from - 1}
	if _, err := src.Range(ctx, t.config.Name, t.config.Expr, from, to, t.step, h.take); err != nil {
		t.log.Warn("Reading the history of new series failed: they start without", "err", err)
		return
	}
	h.learn(before)
}

// reader takes what a query returns and hands it to the series, slice by slice.
type reader struct {
	task    *task
	only    map[*fleet.Series]bool // nil: all
	joined  []*fleet.Series
	refused map[string]bool
	newest  int64 // time of the newest sample taken
	buf     []byte
}

// take keeps the samples of one series of one slice until the slice is complete.
func (r *reader) take(ls labels.Labels, samples []source.Sample) error {
	if len(samples) == 0 {
		return nil
	}
	if samples[0].T > r.newest && r.newest >= 0 {
		r.learn(samples[0].T)
	}
	s := r.find(ls, samples[0].T)
	if s == nil {
		return nil
	}
	hash := ls.Hash()
	if !s.Knows(hash) {
		s.Members = append(s.Members, fleet.Member{Hash: hash, Labels: board.ExportedLabels(r.task.config.Name, ls), LimitKey: r.task.limitKey(ls)})
		if len(s.Members) == 1 {
			s.LimitKey = s.Members[0].LimitKey
		}
	}
	for _, one := range samples {
		s.Pending = append(s.Pending, identity.Sample{Member: hash, T: one.T, V: one.V})
	}
	r.newest = max(r.newest, samples[len(samples)-1].T)
	return nil
}

// find gives the series of that identity that has a sample at a moment (Unix milliseconds): a new one if the limit and
// the shard allow it, else nil.
func (r *reader) find(ls labels.Labels, at int64) *fleet.Series {
	t := r.task
	r.buf = identity.Key(r.buf, t.by, ls)
	if s := t.series[string(r.buf)]; s != nil {
		if r.only != nil && !r.only[s] {
			return nil
		}
		return s
	}
	if r.only != nil || !t.engine.options.Shard.owns(xxhash.Sum64(r.buf)) {
		return nil
	}
	if limit := t.config.SeriesLimit; limit > 0 && len(t.series) >= limit && !t.evict(at) {
		if r.refused == nil {
			r.refused = map[string]bool{}
		}
		r.refused[string(r.buf)] = true
		return nil
	}
	s := fleet.NewSeries(string(r.buf), t.options)
	t.series[s.Key] = s
	t.ordered = nil
	r.joined = append(r.joined, s)
	return s
}

// learn has all series learn what is pending before a moment.
func (r *reader) learn(before int64) {
	all := make([]*fleet.Series, 0, len(r.task.series))
	for _, s := range r.task.series {
		if len(s.Pending) > 0 {
			all = append(all, s)
		}
	}
	r.task.engine.pool.each(len(all), func(i int) { all[i].Learn(before) })
	for _, s := range all {
		if s.Adopt() {
			r.task.ordered = nil
		}
	}
}
