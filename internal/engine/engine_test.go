package engine

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/models"
)

func TestStates(t *testing.T) {
	in(t, func(w *world) {
		now := time.Now()
		long := now.Add(-10 * 24 * time.Hour)
		ever := now.Add(1000 * time.Hour)
		w.source.set("m",
			fakeSeries{labels.FromStrings("s", "ok"), daily(1)},
			fakeSeries{labels.FromStrings("s", "new"), between(now.Add(-2*time.Hour), ever, daily(2))},
			fakeSeries{labels.FromStrings("s", "same"), constant(7)},
			fakeSeries{labels.FromStrings("s", "gone"), between(long, now.Add(-time.Hour), daily(3))},
			fakeSeries{labels.FromStrings("s", "rare"), func(t int64) float64 {
				if t/300000%40 == 0 {
					return daily(4)(t)
				}
				return math.NaN()
			}},
			fakeSeries{labels.FromStrings("s", "twice", "pod", "a"), daily(5)},
			fakeSeries{labels.FromStrings("s", "twice", "pod", "b"), daily(6)},
		)
		w.apply(`tasks: [{name: t, expr: m, by: [s]}]`)
		got := w.states("t", "s")
		want := map[string]models.State{
			"ok": models.StateOK, "new": models.StateWarmingUp, "same": models.StateConstant,
			"gone": models.StateStale, "twice": models.StateAmbiguous, "rare": models.StateStale,
		}
		for s, state := range want {
			require.Equal(w.t, state, got[s])
		}
		require.Contains(w.t, w.log.String(), `s=\"twice\"`, "the ambiguous series is not named in the log:\n%s", w.log)
		for _, s := range []string{"new", "gone", "twice"} {
			require.True(w.t, math.IsNaN(w.value("t", board.Expected, "", "s", s)))
		}
	})
}

func TestLimits(t *testing.T) {
	in(t, func(w *world) {
		var series, limits []fakeSeries
		for i, s := range []string{"ok", "over", "none", "nan", "zero", "inf", "two"} {
			series = append(series, fakeSeries{labels.FromStrings("s", s, "pod", "p"), daily(int64(i))})
		}
		limit := func(s string, v float64, more ...string) {
			limits = append(limits, fakeSeries{labels.FromStrings(append([]string{"s", s}, more...)...), constant(v)})
		}
		limit("ok", 1000)
		limit("over", 10)
		limit("nan", notANumber)
		limit("zero", 0)
		limit("inf", math.Inf(1))
		limit("two", 1000, "x", "1")
		limit("two", 2000, "x", "2")
		w.source.set("m", series...)
		w.source.set("limit", limits...)
		w.apply(`tasks: [{name: t, expr: m, exhaustion: {limit_expr: limit, on: [s]}}]`)
		got := w.states("t", "s")
		want := map[string]models.State{
			"ok": models.StateOK, "over": models.StateOverLimit, "none": models.StateNoLimit, "nan": models.StateNoLimit, "zero": models.StateNoLimit,
			"inf": models.StateNoLimit, "two": models.StateAmbiguous,
		}
		for s, state := range want {
			require.Equal(w.t, state, got[s])
		}
	})
}

func TestFailedSeries(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.engine.running["t"].task.fleet.Each(func(s *fleet.Series) {
			if s.Labels.Get("s") == "a" {
				s.Forecaster = nil // so that the models panic
			}
		})
		w.after(10 * time.Minute)
		got := w.states("t", "s")
		require.Equal(w.t, models.StateFailed, got["a"])
		require.Equal(w.t, models.StateOK, got["b"])
		require.True(w.t, math.IsNaN(w.value("t", board.AnomalyScore, "", "s", "a")))
	})
}

func TestIdentityOutlivesLabels(t *testing.T) {
	in(t, func(w *world) {
		now := time.Now()
		change := now.Add(2 * time.Hour)
		ever := now.Add(1000 * time.Hour)
		w.source.set("m",
			fakeSeries{labels.FromStrings("s", "a", "pod", "old"), between(time.Unix(0, 0), change.Add(10*time.Minute), daily(1))},
			fakeSeries{labels.FromStrings("s", "a", "pod", "new"), between(change, ever, daily(1))},
		)
		w.apply(`tasks: [{name: t, expr: m, by: [s]}]`)
		for range 60 {
			w.after(5 * time.Minute)
			got := w.states("t", "s")
			require.Len(w.t, got, 1)
			require.Equal(w.t, models.StateOK, got["a"])
			s := w.board.Task("t").Series[0]
			want := "old"
			if w.board.Task("t").Origin >= change.UnixMilli() {
				want = "new"
			}
			require.Equal(w.t, want, s.Labels.Get("pod"))
		}
	})
}

func TestVanishedSeriesLeave(t *testing.T) {
	in(t, func(w *world) {
		now := time.Now()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "stays"), daily(1)},
			fakeSeries{labels.FromStrings("s", "goes"), between(time.Unix(0, 0), now.Add(time.Hour), daily(2))})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(time.Hour + 4*time.Minute)
		require.Equal(w.t, models.StateOK, w.states("t", "s")["goes"])
		w.after(15 * time.Minute)
		require.Equal(w.t, models.StateStale, w.states("t", "s")["goes"])
		w.after(25 * time.Hour)
		got, there := w.states("t", "s")["goes"]
		require.False(w.t, there, "after a day it is still listed as %v", got)
		w.after(7 * 24 * time.Hour)
		require.Equal(w.t, 1, w.engine.running["t"].task.fleet.Size())
	})
}

func TestJoiningSeriesReadTheirHistory(t *testing.T) {
	in(t, func(w *world) {
		old := fakeSeries{labels.FromStrings("s", "old"), daily(1)}
		w.source.set("m", old)
		w.apply(`tasks: [{name: t, expr: m}]`)
		before, _, _ := w.source.counts()
		now := time.Now()
		w.source.set("m", old, fakeSeries{labels.FromStrings("s", "fresh"), between(now, now.Add(time.Hour), daily(2))})
		w.after(15 * time.Minute)
		after, _, _ := w.source.counts()
		require.Equal(w.t, before, after, "a new series without history cost %d range queries", after-before)
		require.Equal(w.t, models.StateWarmingUp, w.states("t", "s")["fresh"])
		w.source.set("m", old, fakeSeries{labels.FromStrings("s", "moved here"), daily(3)})
		w.after(15 * time.Minute)
		require.Equal(w.t, models.StateOK, w.states("t", "s")["moved here"])
	})
}

func TestSourceAway(t *testing.T) {
	in(t, func(w *world) {
		w.source.fail(errors.New("connection refused"))
		var learnt []int64
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			learnt = append(learnt, at)
			return daily(1)(at)
		}})
		w.apply(`tasks: [{name: t, expr: m}]`)
		require.NotNil(w.t, w.engine.Waiting(), "the engine is ready without a source")
		s := w.board.Task("t")
		require.NotNil(w.t, s)
		require.Equal(w.t, uint64(1), s.Missed)
		require.Contains(w.t, s.Error, "connection refused")
		w.source.fail(nil)
		w.after(2 * time.Minute)
		require.Nil(w.t, w.engine.Waiting(), "the task doesn't recover by itself: %v", w.states("t", "s"))
		require.Equal(w.t, models.StateOK, w.states("t", "s")["a"], "the task doesn't recover by itself: %v", w.states("t", "s"))
		w.source.fail(errors.New("connection refused"))
		w.after(30 * time.Minute)
		require.Equal(w.t, models.StateStale, w.states("t", "s")["a"])
		learnt = nil
		w.source.fail(nil)
		w.after(2 * time.Minute)
		require.Equal(w.t, models.StateOK, w.states("t", "s")["a"])
		require.Len(w.t, learnt, 6)
	})
}

func TestBrokenOffHistory(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)})
		w.source.breakAt = 5
		w.apply(`tasks: [{name: t, expr: m, by: [s], horizons: [1h]}, {name: whole, expr: m, by: [s], horizons: [1h]}]`)
		w.after(3 * time.Minute)
		for _, s := range []string{"a", "b"} {
			require.Equal(w.t, models.StateOK, w.states("t", "s")[s])
			got, want := w.value("t", board.Forecast, "1h", "s", s), w.value("whole", board.Forecast, "1h", "s", s)
			require.Equal(w.t, want, got)
		}
	})
}

func TestKillAfterTheHistory(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		files, err := filepath.Glob(filepath.Join(w.options.StoragePath, "*.state"))
		require.NoError(w.t, err)
		require.Len(w.t, files, 1)
	})
}

// A series whose newest sample is a step late is forecast for the same moment as its siblings.
func TestHorizonsCountFromTheOrigin(t *testing.T) {
	in(t, func(w *world) {
		end := time.Now().Add(6 * time.Minute)
		ramp := func(at int64) float64 { return 50 + 10*math.Sin(2*math.Pi*float64(at%86400000)/86400000) }
		w.source.set("m", fakeSeries{labels.FromStrings("s", "prompt"), ramp},
			fakeSeries{labels.FromStrings("s", "late"), between(time.Unix(0, 0), end, ramp)})
		w.apply(`tasks: [{name: t, expr: m, horizons: [5m, 12h]}]`)
		w.after(12 * time.Minute)
		prompt, late := w.value("t", board.Forecast, "12h", "s", "prompt"), w.value("t", board.Forecast, "12h", "s", "late")
		require.False(w.t, math.IsNaN(late), "twelve hours ahead the late series is at %v, its sibling at %v", late, prompt)
		require.LessOrEqual(w.t, math.Abs(prompt-late), 0.1, "twelve hours ahead the late series is at %v, its sibling at %v", late, prompt)
	})
}

func TestRestartKeepsWhatWasLearnt(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		yaml := `tasks: [{name: t, expr: m, horizons: [1h]}]`
		w.apply(yaml)
		w.after(time.Hour + 2*time.Minute)
		forecast := w.value("t", board.Forecast, "1h", "s", "a")
		w.engine.Stop()
		_, _, before := w.source.counts()
		w.start()
		w.apply(yaml)
		_, _, after := w.source.counts()
		require.Equal(w.t, before, after)
		require.Equal(w.t, forecast, w.value("t", board.Forecast, "1h", "s", "a"))
		require.False(w.t, math.IsNaN(w.value("t", board.AnomalyScore, "", "s", "a")), "the score did not outlive the restart")
		w.engine.Stop()
		w.start()
		w.apply(`tasks: [{name: t, expr: m, horizons: [1h], season: none}]`)
		_, _, after = w.source.counts()
		require.NotEqual(w.t, before, after, "what was learnt with other settings was used")
	})
}

func TestApply(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: one, expr: m}, {name: two, expr: m}]`)
		before, _, _ := w.source.counts()
		w.apply(`tasks: [{name: one, expr: m}, {name: three, expr: m}]`)
		after, _, _ := w.source.counts()
		require.Equal(w.t, before+1, after, "range queries: the history of the new task")
		var names []string
		for _, s := range w.board.Snapshots() {
			names = append(names, s.Task)
		}
		require.Equal(w.t, "one three", strings.Join(names, " "))
	})
}

func TestSeriesLimits(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)},
			fakeSeries{labels.FromStrings("s", "c"), daily(3)})
		w.apply(`tasks: [{name: t, expr: m, series_limit: 2}]`)
		s := w.board.Task("t")
		require.Len(w.t, s.Series, 2)
		require.Equal(w.t, 1, s.Dropped)
		w.apply("exported_series_limit: 14\ntasks: [{name: t, expr: m}]")
		w.after(6 * time.Minute)
		s = w.board.Task("t")
		require.Len(w.t, s.Series, 2)
		require.Equal(w.t, 1, s.Dropped)
	})
}

func TestFlood(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.source.set("count(m\n)", fakeSeries{labels.EmptyLabels(), constant(1e6)})
		w.apply(`tasks: [{name: t, expr: m, series_limit: 10}]`)
		ranges, _, _ := w.source.counts()
		require.Zero(w.t, ranges, "%d range queries for a million series", ranges)
		require.Contains(w.t, w.board.Task("t").Error, "1000000 series where series_limit is 10")
	})
}

func TestGroups(t *testing.T) {
	in(t, func(w *world) {
		odd := time.Now().Add(time.Hour)
		var all []fakeSeries
		for i, s := range []string{"a", "b", "c", "d", "e"} {
			value := daily(int64(i))
			if s == "e" { // it goes its own way
				value = func(at int64) float64 {
					if at < odd.UnixMilli() {
						return daily(4)(at)
					}
					return 3 * daily(4)(at)
				}
			}
			all = append(all, fakeSeries{labels.FromStrings("g", "x", "s", s), value})
		}
		w.source.set("m", append(all, fakeSeries{labels.FromStrings("g", "y", "s", "alone"), daily(9)})...)
		w.apply(`tasks: [{name: t, expr: m, group_by: [g]}]`)
		shares := func() map[string]float64 {
			got := map[string]float64{}
			for _, r := range w.board.Task("t").Rows {
				if r.Metric == board.AnomalousSeriesRatio {
					got[r.Labels.String()] = r.Value
				}
			}
			return got
		}
		got := shares()
		require.Len(w.t, got, 2)
		require.Zero(w.t, got[`{g="x", task="t"}`])
		require.Zero(w.t, got[`{g="y", task="t"}`])
		w.after(150 * time.Minute)
		require.Equal(w.t, 0.2, shares()[`{g="x", task="t"}`])
		for _, s := range []string{"a", "b", "c", "d", "e", "alone"} {
			score := w.value("t", board.PeerScore, "", "s", s)
			require.Equal(w.t, s == "e", score > 1)
			require.False(w.t, math.IsNaN(score))
		}
	})
}

func TestShard(t *testing.T) {
	in(t, func(w *world) {
		var all []fakeSeries
		for i := range 40 {
			all = append(all, fakeSeries{labels.FromStrings("s", string(rune('a'+i))), daily(int64(i))})
		}
		w.source.set("m", all...)
		total := 0
		for i := range uint64(3) {
			w.engine.Stop()
			w.options.Shard = fleet.Shard{Index: i, Count: 3}
			w.options.StoragePath = t.TempDir()
			w.start()
			w.apply(`tasks: [{name: t, expr: m}]`)
			n := len(w.board.Task("t").Series)
			require.Positive(w.t, n)
			require.Less(w.t, n, 40)
			total += n
		}
		require.Equal(w.t, 40, total)
	})
}

// An error ratio of twice what the objective allows spends 30 days' budget in 15 days; seven have passed.
func TestErrorBudget(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 { return 0.002 * daily(1)(at) / 100 }})
		w.apply(`tasks: [{name: t, expr: m, exhaustion: {budget: {objective: 0.999, window: 30d}, within: [4d, 10d]}}]`)
		require.InDelta(w.t, 8, w.value("t", board.TimeToExhaustion, "0.5", "s", "a")/86400, 0.5)
		early, late := w.value("t", board.ExhaustionProbability, "4d", "s", "a"), w.value("t", board.ExhaustionProbability, "10d", "s", "a")
		require.LessOrEqual(w.t, early, 0.05)
		require.GreaterOrEqual(w.t, late, 0.95)
	})
}
