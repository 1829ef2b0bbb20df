package engine

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata" // Europe/Berlin

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

func TestStatesOfThinHistories(t *testing.T) {
	in(t, func(w *world) {
		start := time.Now()
		w.source.set("m",
			fakeSeries{labels.FromStrings("s", "gaps"), func(at int64) float64 {
				if at/300000%5 < 2 {
					return daily(1)(at)
				}
				return math.NaN()
			}},
			fakeSeries{labels.FromStrings("s", "short"), between(start.Add(-30*time.Hour), start.Add(1000*time.Hour), daily(2))})
		w.apply(`tasks: [{name: t, expr: m, season: [3d], outputs: [expected, anomaly, observed]}]`)
		got := w.states("t", "s")
		require.Equal(w.t, models.StateGaps, got["gaps"])
		require.Equal(w.t, models.StateTooShort, got["short"])
		for _, s := range []string{"gaps", "short"} {
			require.True(w.t, math.IsNaN(w.value("t", board.Expected, "", "s", s)))
			require.False(w.t, math.IsNaN(w.value("t", board.Observed, "", "s", s)), "the last sample of %q is not exported", s)
		}
		w.after(3 * 24 * time.Hour)
		require.Equal(w.t, models.StateOK, w.states("t", "s")["short"])
	})
}

// A source whose samples come nine minutes late is followed with an offset, and not asked for what is newer.
func TestQueryOffset(t *testing.T) {
	in(t, func(w *world) {
		asked := int64(0)
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			asked = max(asked, at)
			if at > time.Now().Add(-9*time.Minute).UnixMilli() {
				return math.NaN()
			}
			return daily(1)(at)
		}})
		w.apply(`tasks: [{name: t, expr: m, query_offset: 10m, outputs: [observed]}]`)
		for range 12 {
			want := time.Now().Add(-10 * time.Minute).Truncate(5 * time.Minute).UnixMilli()
			got := w.board.Task("t").Origin
			require.LessOrEqual(w.t, got, want)
			require.GreaterOrEqual(w.t, got, want-5*60000)
			require.Equal(w.t, models.StateOK, w.states("t", "s")["a"])
			require.Equal(w.t, daily(1)(got), w.value("t", board.Observed, "", "s", "a"))
			w.after(5 * time.Minute)
		}
		require.LessOrEqual(w.t, asked, time.Now().Add(-10*time.Minute).UnixMilli())
	})
}

// Where an evaluation covers several steps, each of them is learnt, and a series that joins has its history read.
func TestSeveralStepsAtOnce(t *testing.T) {
	in(t, func(w *world) {
		start := time.Now()
		away := func(at int64) float64 { // it was there, and comes back
			if at > start.Add(-30*time.Minute).UnixMilli() && at < start.Add(30*time.Minute).UnixMilli() {
				return math.NaN()
			}
			return daily(2)(at)
		}
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m, step: 15s, evaluation_interval: 1m, history: 2d, outputs: [observed, expected]}]`)
		w.after(5 * time.Minute)
		_, _, before := w.source.counts()
		origin := w.board.Task("t").Origin
		w.after(3 * time.Minute)
		_, _, after := w.source.counts()
		require.Equal(w.t, int64(180000), w.board.Task("t").Origin-origin)
		require.Equal(w.t, 12, after-before)
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), away})
		w.after(25 * time.Minute)
		got := w.states("t", "s")
		require.Equal(w.t, models.StateOK, got["a"])
		require.Equal(w.t, models.StateOK, got["b"])
		require.Equal(w.t, daily(2)(w.board.Task("t").Origin), w.value("t", board.Observed, "", "s", "b"))
	})
}

// Samples that are no numbers in the midst of a change of members are missing ones, and nothing more.
func TestNoNumbersAmidAJoin(t *testing.T) {
	in(t, func(w *world) {
		start := time.Now()
		minute := func(at int64) int64 { return (at - start.UnixMilli()) / 60000 }
		before := func(at int64) float64 {
			switch m := minute(at); {
			case m == 55:
				return notANumber
			case m == 65:
				return math.Inf(-1)
			case m >= 70:
				return math.NaN()
			}
			return daily(1)(at)
		}
		after := func(at int64) float64 {
			switch m := minute(at); {
			case m < 60:
				return math.NaN()
			case m == 60:
				return math.Inf(1)
			case m == 65:
				return notANumber
			}
			return daily(1)(at)
		}
		gap := func(at int64) float64 {
			if m := minute(at); m >= 55 && m < 70 {
				return math.NaN()
			}
			return daily(1)(at)
		}
		w.source.set("m",
			fakeSeries{labels.FromStrings("s", "joined", "pod", "old"), before},
			fakeSeries{labels.FromStrings("s", "joined", "pod", "new"), after})
		w.source.set("n", fakeSeries{labels.FromStrings("s", "joined"), gap})
		w.apply(`tasks:
- {name: t, expr: m, by: [s], horizons: [1h], outputs: [expected, anomaly, forecast]}
- {name: gap, expr: n, by: [s], horizons: [1h], outputs: [expected, anomaly, forecast]}`)
		w.after(50 * time.Minute)
		for range 10 {
			w.after(5 * time.Minute)
			for _, column := range w.board.Task("t").Columns {
				for _, v := range column.Values {
					require.False(w.t, math.IsInf(v, 0))
				}
			}
		}
		require.Equal(w.t, models.StateOK, w.states("t", "s")["joined"])
		for _, s := range w.board.Task("t").Series {
			require.Equal(w.t, "new", s.Labels.Get("pod"))
		}
		got, want := w.value("t", board.Forecast, "1h", "s", "joined"), w.value("gap", board.Forecast, "1h", "s", "joined")
		require.Equal(w.t, want, got, "that of the same series with a gap")
		require.False(w.t, math.IsNaN(got))
	})
}

// A disk that is resized keeps its state, and from then on its time to exhaustion is that of one that was always so large.
func TestLimitThatChanges(t *testing.T) {
	in(t, func(w *world) {
		start := time.Now()
		resize := start.Add(2 * time.Hour).UnixMilli()
		w.source.set("used", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			return 500 + 2*float64(at-start.UnixMilli())/3600000 + daily(1)(at)/100
		}})
		size := func(at int64) float64 {
			if at < resize {
				return 600
			}
			return 700
		}
		w.source.set("size", fakeSeries{labels.FromStrings("s", "a"), size})
		w.source.set("large", fakeSeries{labels.FromStrings("s", "a"), constant(700)})
		w.apply(`tasks:
- {name: resized, expr: used, exhaustion: {limit_expr: size, on: [s]}}
- {name: always, expr: used, exhaustion: {limit_expr: large, on: [s]}}`)
		hours := func(task string) float64 { return w.value(task, board.TimeToExhaustion, "0.5", "s", "a") / 3600 }
		w.after(time.Hour)
		require.InDelta(w.t, 48, hours("resized"), 6)
		for range 36 {
			w.after(5 * time.Minute)
			for _, task := range []string{"resized", "always"} {
				require.Equal(w.t, models.StateOK, w.states(task, "s")["a"])
			}
			if w.board.Task("resized").Origin < resize || w.board.Task("always").Origin != w.board.Task("resized").Origin {
				continue
			}
			got, want := hours("resized"), hours("always")
			require.Equal(w.t, want, got, "at %v the disk is full in %v hours, one that was always so large in %v", time.Now(), got, want)
		}
		require.InDelta(w.t, 96, hours("resized"), 12)
	})
}

// Office hours move with the clock of their time zone: the task that knows it expects them at once.
func TestClockChangeOfTheTimeZone(t *testing.T) {
	in(t, func(w *world) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(w.t, err)
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			if h := time.UnixMilli(at).In(berlin).Hour(); h >= 8 && h < 18 {
				return 100 + daily(1)(at)/10
			}
			return daily(1)(at) / 10
		}})
		change := time.Date(2000, 3, 26, 1, 0, 0, 0, time.UTC)
		w.after(time.Until(change.Add(-time.Hour)))
		w.apply(`tasks:
- {name: local, expr: m, step: 15m, history: 14d, season: [1d], time_zone: Europe/Berlin}
- {name: utc, expr: m, step: 15m, history: 14d, season: [1d]}`)
		open := time.Date(2000, 3, 26, 8, 30, 0, 0, berlin)
		w.after(time.Until(open.Add(10 * time.Minute)))
		local, utc := w.value("local", board.Expected, "", "s", "a"), w.value("utc", board.Expected, "", "s", "a")
		require.InDelta(w.t, 110, local, 15)
		require.LessOrEqual(w.t, utc, 60.0, "by UTC %v is expected: the time zone does not matter here", utc)
		require.Equal(w.t, models.StateOK, w.states("local", "s")["a"])
	})
}
