package engine

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

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
			"gone": models.StateStale, "twice": models.StateAmbiguous,
		}
		for s, state := range want {
			if got[s] != state {
				t.Errorf("the series %q is %v, want %v", s, got[s], state)
			}
		}
		if !strings.Contains(w.log.String(), `s=\"twice\"`) {
			t.Errorf("the ambiguous series is not named in the log:\n%s", w.log)
		}
		for _, s := range []string{"new", "gone", "twice"} {
			if v := w.value("t", board.Expected, "", "s", s); !math.IsNaN(v) {
				t.Errorf("an expectation of %q is exported: %v", s, v)
			}
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
		limit("zero", 0)
		limit("inf", math.Inf(1))
		limit("two", 1000, "x", "1")
		limit("two", 2000, "x", "2")
		w.source.set("m", series...)
		w.source.set("limit", limits...)
		w.apply(`tasks: [{name: t, expr: m, exhaustion: {limit_expr: limit, on: [s]}}]`)
		got := w.states("t", "s")
		want := map[string]models.State{
			"ok": models.StateOK, "over": models.StateOverLimit, "none": models.StateNoLimit, "zero": models.StateNoLimit,
			"inf": models.StateNoLimit, "two": models.StateAmbiguous,
		}
		for s, state := range want {
			if got[s] != state {
				t.Errorf("the series %q is %v, want %v", s, got[s], state)
			}
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
		if got := w.states("t", "s"); got["a"] != models.StateFailed || got["b"] != models.StateOK {
			t.Errorf("states %v, want a failed and b ok", got)
		}
		if v := w.value("t", board.AnomalyScore, "", "s", "a"); !math.IsNaN(v) {
			t.Errorf("a failed series exports %v", v)
		}
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
			if got := w.states("t", "s"); len(got) != 1 || got["a"] != models.StateOK {
				t.Fatalf("%v after the start: states %v, want a ok", time.Since(now), got)
			}
			s := w.board.Task("t").Series[0]
			want := "old"
			if w.board.Task("t").Origin >= change.UnixMilli() {
				want = "new"
			}
			if got := s.Labels.Get("pod"); got != want {
				t.Fatalf("%v after the start: pod %q, want %q", time.Since(now), got, want)
			}
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
		if got := w.states("t", "s")["goes"]; got != models.StateOK {
			t.Errorf("within two steps it is %v, want ok", got)
		}
		w.after(15 * time.Minute)
		if got := w.states("t", "s")["goes"]; got != models.StateStale {
			t.Errorf("after a quarter of an hour it is %v, want stale", got)
		}
		w.after(25 * time.Hour)
		if got, there := w.states("t", "s")["goes"]; there {
			t.Errorf("after a day it is still listed as %v", got)
		}
		w.after(7 * 24 * time.Hour)
		if n := w.engine.running["t"].task.fleet.Size(); n != 1 {
			t.Errorf("after a week %d series are kept, want 1", n)
		}
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
		if after, _, _ := w.source.counts(); after != before {
			t.Errorf("a new series without history cost %d range queries", after-before)
		}
		if got := w.states("t", "s")["fresh"]; got != models.StateWarmingUp {
			t.Errorf("the new series is %v, want warming_up", got)
		}
		w.source.set("m", old, fakeSeries{labels.FromStrings("s", "moved here"), daily(3)})
		w.after(15 * time.Minute)
		if got := w.states("t", "s")["moved here"]; got != models.StateOK {
			t.Errorf("the series with history is %v, want ok", got)
		}
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
		if w.engine.Waiting() == nil {
			t.Error("the engine is ready without a source")
		}
		if s := w.board.Task("t"); s == nil || s.Missed != 1 || !strings.Contains(s.Error, "connection refused") {
			t.Errorf("the board says %+v, want one missed evaluation and its error", s)
		}
		w.source.fail(nil)
		w.after(2 * time.Minute)
		if w.engine.Waiting() != nil || w.states("t", "s")["a"] != models.StateOK {
			t.Fatalf("the task doesn't recover by itself: %v", w.states("t", "s"))
		}
		w.source.fail(errors.New("connection refused"))
		w.after(30 * time.Minute)
		if got := w.states("t", "s")["a"]; got != models.StateStale {
			t.Errorf("with the source away the series is %v, want stale", got)
		}
		learnt = nil
		w.source.fail(nil)
		w.after(2 * time.Minute)
		if got := w.states("t", "s")["a"]; got != models.StateOK {
			t.Errorf("with the source back the series is %v, want ok", got)
		}
		if len(learnt) != 6 {
			t.Errorf("%d moments were read after the outage, want the 6 that were missed", len(learnt))
		}
	})
}

func TestBrokenOffHistory(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)})
		w.source.breakAt = 5
		w.apply(`tasks: [{name: t, expr: m, by: [s], horizons: [1h]}, {name: whole, expr: m, by: [s], horizons: [1h]}]`)
		w.after(3 * time.Minute)
		for _, s := range []string{"a", "b"} {
			if got := w.states("t", "s")[s]; got != models.StateOK {
				t.Errorf("%s is %v after its history was read in two goes, want ok", s, got)
			}
			if got, want := w.value("t", board.Forecast, "1h", "s", s), w.value("whole", board.Forecast, "1h", "s", s); got != want {
				t.Errorf("the forecast of %s is %v, that of a whole read %v", s, got, want)
			}
		}
	})
}

func TestKillAfterTheHistory(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		files, err := filepath.Glob(filepath.Join(w.options.StoragePath, "*.state"))
		if err != nil || len(files) != 1 {
			t.Errorf("after the history was learnt the files are %v, want one (%v)", files, err)
		}
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
		if math.IsNaN(late) || math.Abs(prompt-late) > 0.1 {
			t.Errorf("twelve hours ahead the late series is at %v, its sibling at %v", late, prompt)
		}
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
		if _, _, after := w.source.counts(); after != before {
			t.Errorf("the restart read %d points, want none", after-before)
		}
		if got := w.value("t", board.Forecast, "1h", "s", "a"); got != forecast {
			t.Errorf("the forecast after the restart is %v, before it was %v", got, forecast)
		}
		if v := w.value("t", board.AnomalyScore, "", "s", "a"); math.IsNaN(v) {
			t.Error("the score did not outlive the restart")
		}
		w.engine.Stop()
		w.start()
		w.apply(`tasks: [{name: t, expr: m, horizons: [1h], season: none}]`)
		if _, _, after := w.source.counts(); after == before {
			t.Error("what was learnt with other settings was used")
		}
	})
}

func TestClockGoesBack(t *testing.T) {
	in(t, func(w *world) {
		var back atomic.Int64
		w.options.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		w.engine.Stop()
		w.start()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		origin := w.board.Task("t").Origin
		back.Store(int64(4 * time.Minute))
		w.after(2 * time.Minute)
		if got := w.board.Task("t").Origin; got != origin {
			t.Errorf("a small step back moved the origin by %d ms", got-origin)
		}
		back.Store(int64(24 * time.Hour))
		w.after(2 * time.Minute)
		if s := w.board.Task("t"); s.Origin != origin-back.Load()/1e6 || w.states("t", "s")["a"] != models.StateOK {
			t.Errorf("a day back: origin %d, states %v; want %d and ok", s.Origin, s.States, origin-back.Load()/1e6)
		}
	})
}

func TestApply(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: one, expr: m}, {name: two, expr: m}]`)
		before, _, _ := w.source.counts()
		w.apply(`tasks: [{name: one, expr: m}, {name: three, expr: m}]`)
		after, _, _ := w.source.counts()
		if after-before != 1 { // the history of three
			t.Errorf("%d range queries, want those of the new task only", after-before)
		}
		var names []string
		for _, s := range w.board.Snapshots() {
			names = append(names, s.Task)
		}
		if got := strings.Join(names, " "); got != "one three" {
			t.Errorf("on the board: %s, want one three", got)
		}
	})
}

func TestSeriesLimits(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)},
			fakeSeries{labels.FromStrings("s", "c"), daily(3)})
		w.apply(`tasks: [{name: t, expr: m, series_limit: 2}]`)
		if s := w.board.Task("t"); len(s.Series) != 2 || s.Dropped != 1 {
			t.Errorf("%d series and %d dropped, want 2 and 1", len(s.Series), s.Dropped)
		}
		w.apply("exported_series_limit: 12\ntasks: [{name: t, expr: m}]")
		w.after(6 * time.Minute)
		if s := w.board.Task("t"); len(s.Series) != 2 || s.Dropped != 1 {
			t.Errorf("%d series and %d dropped by the exported limit, want 2 and 1", len(s.Series), s.Dropped)
		}
	})
}

func TestFlood(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.source.set("count(m\n)", fakeSeries{labels.EmptyLabels(), constant(1e6)})
		w.apply(`tasks: [{name: t, expr: m, series_limit: 10}]`)
		if ranges, _, _ := w.source.counts(); ranges != 0 {
			t.Errorf("%d range queries for a million series", ranges)
		}
		if s := w.board.Task("t"); !strings.Contains(s.Error, "1000000 series where series_limit is 10") {
			t.Errorf("the error is %q", s.Error)
		}
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
		if got := shares(); len(got) != 2 || got[`{g="x", task="t"}`] != 0 || got[`{g="y", task="t"}`] != 0 {
			t.Errorf("shares by group: %v, want x and y, both 0", got)
		}
		w.after(150 * time.Minute)
		if got := shares()[`{g="x", task="t"}`]; got != 0.2 {
			t.Errorf("with one of five anomalous the share is %v", got)
		}
		for _, s := range []string{"a", "b", "c", "d", "e", "alone"} {
			if score := w.value("t", board.PeerScore, "", "s", s); score > 1 != (s == "e") || math.IsNaN(score) {
				t.Errorf("the peer score of %s is %v", s, score)
			}
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
			if n == 0 || n == 40 {
				t.Errorf("shard %d has %d of 40 series", i, n)
			}
			total += n
		}
		if total != 40 {
			t.Errorf("the shards have %d series together, want 40", total)
		}
	})
}

// An error ratio of twice what the objective allows spends 30 days' budget in 15 days; seven have passed.
func TestErrorBudget(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 { return 0.002 * daily(1)(at) / 100 }})
		w.apply(`tasks: [{name: t, expr: m, exhaustion: {budget: {objective: 0.999, window: 30d}, within: [4d, 10d]}}]`)
		if got := w.value("t", board.TimeToExhaustion, "0.5", "s", "a") / 86400; math.Abs(got-8) > 0.5 {
			t.Errorf("the budget is gone in %.1f days, want 8", got)
		}
		if early, late := w.value("t", board.ExhaustionProbability, "4d", "s", "a"), w.value("t", board.ExhaustionProbability, "10d", "s", "a"); early > 0.05 || late < 0.95 {
			t.Errorf("probabilities %v within 4 days and %v within 10, want about 0 and 1", early, late)
		}
	})
}
