package engine

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

const (
	listedFor   = 24 * time.Hour     // for which a series that went stale is still listed as such
	leastAhead  = 7 * 24 * time.Hour // for which curves are served, whatever horizons are named
	forgetAfter = 7 * 24 * time.Hour // after which what was learnt of it is dropped
)

// unseen is for how long no sample of a series was a number.
func (t *task) unseen(s *series, now time.Time) time.Duration {
	return now.Add(-t.offset).Sub(time.UnixMilli(s.lastSeen))
}

// gone is for how long a series was not there at all, beyond the time after which it is stale.
func (t *task) gone(s *series, now time.Time) time.Duration {
	return now.Add(-t.offset).Sub(time.UnixMilli(max(s.lastSeen, s.present))) - t.staleAfter()
}

// publish puts what all series say on the board, as of now.
func (t *task) publish(now time.Time) {
	listed, dropped := t.withinLimit(t.listed(now))
	values := make([][]float64, len(t.layout.columns))
	for c := range values {
		values[c] = make([]float64, len(listed))
	}
	samples := make([]sample, len(listed))
	t.engine.pool.each(len(listed), func(i int) { samples[i] = t.say(listed[i], now, values, i) })
	if t.layout.peer >= 0 {
		t.sayPeers(listed, samples, values[t.layout.peer])
	}

	snap := &board.Snapshot{
		Task: t.config.Name, Origin: t.origin, Step: t.step, Level: t.config.Level, History: t.history,
		LastSuccess: t.lastSuccess, Missed: t.missed, Dropped: len(t.refused) + dropped, Error: t.failure,
		Groups: t.config.Outputs, Columns: slices.Clone(t.layout.columns), Series: make([]board.Series, len(listed)),
	}
	snap.Horizon = max(t.layout.horizons[len(t.layout.horizons)-1], leastAhead)
	for c := range values {
		snap.Columns[c].Values = values[c]
	}
	for i, s := range listed {
		m := samples[i]
		snap.States[m.state]++
		snap.Series[i] = board.Series{Labels: s.labels, State: m.state, Model: m.info.Model, Season: seasonLabel(m.info.Seasons), Score: m.score}
		if m.quality != nil {
			snap.Series[i].Ahead = s
		}
		if m.state != s.state && (m.state == models.StateAmbiguous || m.state == models.StateFailed) {
			t.log.Warn("A series is not forecast", "state", m.state, "series", s.labels, "reason", m.reason)
		}
		s.state = m.state
	}
	snap.Rows = append(t.groupRows(listed, samples), t.qualityRows(samples)...)
	t.engine.options.Board.Publish(snap)
}

// listed gives the series to publish, by labels, and forgets those that are gone for long.
func (t *task) listed(now time.Time) []*series {
	for key, s := range t.series {
		if t.gone(s, now) > forgetAfter {
			delete(t.series, key)
			t.ordered = nil
		}
	}
	if t.ordered == nil {
		t.ordered = make([]*series, 0, len(t.series))
		for _, s := range t.series {
			t.ordered = append(t.ordered, s)
		}
		slices.SortFunc(t.ordered, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	}
	return slices.DeleteFunc(slices.Clone(t.ordered), func(s *series) bool { return t.gone(s, now) > listedFor })
}

// withinLimit leaves out the last of the series where all tasks together would export more than exported_series_limit.
func (t *task) withinLimit(listed []*series) (kept []*series, dropped int) {
	limit := int(t.exportedLimit.Load())
	if limit == 0 {
		return listed, 0
	}
	for _, s := range t.engine.options.Board.Snapshots() {
		if s.Task != t.config.Name {
			limit -= len(s.Series) * exportedPerSeries(s.Columns)
		}
	}
	n := min(len(listed), max(limit, 0)/exportedPerSeries(t.layout.columns))
	return listed[:n], len(listed) - n
}

// exportedPerSeries is how many series go out for one that comes in, foresight_series_info among them.
func exportedPerSeries(columns []board.Column) int {
	n := 1
	for i := range columns {
		if !columns[i].Hidden {
			n++
		}
	}
	return n
}

// evict drops the series that, at a moment (Unix milliseconds), is gone for longest, to make place for another. It
// tells whether there was one.
func (t *task) evict(at int64) bool {
	var oldest *series
	since := int64(math.MaxInt64)
	for _, s := range t.series {
		if seen := max(s.lastSeen, s.present); len(s.pending) == 0 && at-seen > t.staleAfter().Milliseconds() && seen < since {
			oldest, since = s, seen
		}
	}
	if oldest == nil {
		return false
	}
	delete(t.series, oldest.key)
	t.ordered = nil
	return true
}

// refit fits the series that are due. Those that were fitted before take turns, so that a task whose series all began
// together doesn't refit them all together.
func (t *task) refit(ctx context.Context) {
	first, again := []*series{}, []*series{}
	for _, s := range t.series {
		switch {
		case s.failure != "" || !s.forecaster.Due():
		case s.forecaster.Info().Status == models.WarmingUp:
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
		due[i].refit()
		t.engine.metrics.fit.Observe(time.Since(start).Seconds())
	})
}

// refitTurns is how many series may be fitted again at one evaluation, so that each has four turns a day.
func refitTurns(series int, step time.Duration) int {
	return max(int(4*float64(series)*step.Hours()/24), 16)
}
