package engine

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/models"
)

const (
	listedFor   = 24 * time.Hour     // for which a series that went stale is still listed as such
	forgetAfter = 7 * 24 * time.Hour // after which what was learnt of it is dropped
)

// gone is for how long a series was not there at all, beyond the time after which it is stale.
func (t *task) gone(s *fleet.Series, at int64) time.Duration {
	return time.Duration(at-max(s.LastSeen, s.Present))*time.Millisecond - t.staleAfter()
}

// publish puts what all series say on the board. at is the moment that is due, the origin or, while the source is away,
// a later one.
func (t *task) publish(at int64) {
	listed, dropped := t.withinLimit(t.listed(at))
	t.comparePeers(listed)
	snap := &board.Snapshot{LastSuccess: t.lastSuccess, Missed: t.missed, Dropped: len(t.refused) + dropped, Error: t.failure}
	t.readout.Read(snap, listed, t.origin, at, t.engine.pool.each)
	for i, s := range listed {
		if state := snap.Series[i].State; state != s.Told {
			if state == models.StateAmbiguous || state == models.StateFailed {
				t.log.Warn("A series is not forecast", "state", state, "series", s.Labels, "reason", s.Failure)
			}
			s.Told = state
		}
	}
	t.engine.options.Board.Publish(snap)
}

// listed gives the series to publish, by labels, and forgets those that are gone for long.
func (t *task) listed(at int64) []*fleet.Series {
	for key, s := range t.series {
		if t.gone(s, at) > forgetAfter {
			delete(t.series, key)
			t.ordered = nil
		}
	}
	if t.ordered == nil {
		t.ordered = make([]*fleet.Series, 0, len(t.series))
		for _, s := range t.series {
			t.ordered = append(t.ordered, s)
		}
		slices.SortFunc(t.ordered, func(a, b *fleet.Series) int { return labels.Compare(a.Labels, b.Labels) })
	}
	return slices.DeleteFunc(slices.Clone(t.ordered), func(s *fleet.Series) bool { return t.gone(s, at) > listedFor })
}

// withinLimit leaves out the last of the series where all tasks together would export more than exported_series_limit.
func (t *task) withinLimit(listed []*fleet.Series) (kept []*fleet.Series, dropped int) {
	limit := int(t.exportedLimit.Load())
	if limit == 0 {
		return listed, 0
	}
	for _, s := range t.engine.options.Board.Snapshots() {
		if s.Task != t.config.Name {
			limit -= len(s.Series) * readout.Exported(s.Columns)
		}
	}
	n := min(len(listed), max(limit, 0)/t.readout.Exported())
	return listed[:n], len(listed) - n
}

// evict drops the series that, at a moment (Unix milliseconds), is gone for longest, to make place for another. It
// tells whether there was one.
func (t *task) evict(at int64) bool {
	var oldest *fleet.Series
	since := int64(math.MaxInt64)
	for _, s := range t.series {
		if seen := max(s.LastSeen, s.Present); len(s.Pending) == 0 && at-seen > t.staleAfter().Milliseconds() && seen < since {
			oldest, since = s, seen
		}
	}
	if oldest == nil {
		return false
	}
	delete(t.series, oldest.Key)
	t.ordered = nil
	return true
}

// refit fits the series that are due. Those that were fitted before take turns, so that a task whose series all began
// together doesn't refit them all together.
func (t *task) refit(ctx context.Context) {
	first, again := []*fleet.Series{}, []*fleet.Series{}
	for _, s := range t.series {
		switch {
		case s.Failure != "" || !s.Forecaster.Due():
		case s.Info.Status == models.WarmingUp:
			first = append(first, s)
		default:
			again = append(again, s)
		}
	}
	again = again[:min(len(again), refitTurns(len(t.series), t.step))]
	due := append(first, again...)
	t.engine.pool.each(len(due), func(i int) {
		if ctx.Err() != nil {
			return // they stay due
		}
		start := time.Now()
		due[i].Refit()
		t.engine.metrics.fit.Observe(time.Since(start).Seconds())
	})
}

// refitTurns is how many series may be fitted again at one evaluation, so that each has four turns a day.
func refitTurns(series int, step time.Duration) int {
	return max(int(4*float64(series)*step.Hours()/24), 16)
}
