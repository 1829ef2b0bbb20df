package engine

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// Series that begin at different moments of the slice before the one that breaks off lose nothing.
func TestBrokenOffAfterLateSeries(t *testing.T) {
	in(t, func(w *world) {
		now := time.Now()
		ever := now.Add(1000 * time.Hour)
		// A slice of the fake has 100 steps, the first history 1728 before its last day.
		begin := now.Add(-7 * 24 * time.Hour)
		w.source.set("m",
			fakeSeries{labels.FromStrings("s", "a"), between(begin.Add(1650*5*time.Minute), ever, daily(1))},
			fakeSeries{labels.FromStrings("s", "b"), daily(2)})
		w.source.breakAt = 18
		w.apply(`tasks: [{name: t, expr: m, horizons: [1h]}, {name: whole, expr: m, horizons: [1h]}]`)
		w.after(3 * time.Minute)
		got, want := w.value("t", board.Forecast, "1h", "s", "b"), w.value("whole", board.Forecast, "1h", "s", "b")
		require.Equal(w.t, want, got, "the forecast is %v after a history read in two goes, %v after one", got, want)
	})
}

// An infinite sample is a missing one: what was said of the last number is not repeated for ever.
func TestSeriesThatTurnsInfiniteGoesStale(t *testing.T) {
	in(t, func(w *world) {
		turn := time.Now().Add(10 * time.Minute).UnixMilli()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			if at > turn {
				return math.Inf(1)
			}
			return daily(1)(at)
		}}, fakeSeries{labels.FromStrings("s", "never"), constant(math.Inf(-1))})
		w.apply(`tasks: [{name: t, expr: m, outputs: [observed, anomaly, info]}]`)
		w.after(30 * time.Minute)
		require.Equal(w.t, models.StateStale, w.states("t", "s")["a"])
		require.True(w.t, math.IsNaN(w.value("t", board.Observed, "", "s", "a")))
		w.after(26 * time.Hour)
		w.engine.Stop()
		w.start()
		before, _, _ := w.source.counts()
		w.apply(`tasks: [{name: t, expr: m, outputs: [observed, anomaly, info]}]`)
		after, _, _ := w.source.counts()
		require.Equal(w.t, before, after)
		got := w.states("t", "s")
		for _, s := range []string{"a", "never"} {
			state, there := got[s]
			require.True(w.t, there)
			require.Equal(w.t, models.StateStale, state)
		}
	})
}

// With a step of a day, a series whose sample is late stays until two steps are over.
func TestDailyStep(t *testing.T) {
	in(t, func(w *world) {
		now := time.Now().Truncate(24 * time.Hour)
		missed := now.Add(3 * 24 * time.Hour).UnixMilli()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			if at >= missed {
				return math.NaN()
			}
			return daily(1)(at)
		}})
		w.apply("tasks: [{name: t, expr: m, step: 1d, history: 60d, season: none}]")
		w.after(3*24*time.Hour + time.Hour)
		_, there := w.states("t", "s")["a"]
		require.True(w.t, there, "a series whose daily sample is an hour late is gone")
		w.after(24 * time.Hour)
		require.Equal(w.t, models.StateStale, w.states("t", "s")["a"])
	})
}

func TestGroupsOfOwnLabels(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("state", "x"), daily(1)}, fakeSeries{labels.FromStrings("state", "y"), daily(2)})
		w.apply(`tasks: [{name: t, expr: m, group_by: [state]}]`)
		var got []string
		for _, r := range w.board.Task("t").Rows {
			if r.Metric == board.AnomalousSeriesRatio {
				got = append(got, r.Labels.String())
			}
		}
		require.Equal(w.t, `{exported_state="x", task="t"} {exported_state="y", task="t"}`, strings.Join(got, " "))
	})
}

// A shard of another number does not take up series that are no longer its own.
func TestReshard(t *testing.T) {
	in(t, func(w *world) {
		var all []fakeSeries
		for i := range 40 {
			all = append(all, fakeSeries{labels.FromStrings("s", string(rune('a'+i))), daily(int64(i))})
		}
		w.source.set("m", all...)
		w.source.set("count(m\n)", fakeSeries{labels.EmptyLabels(), constant(40)})
		total := 0
		for i := range uint64(2) {
			w.engine.Stop()
			w.options.Shard = fleet.Shard{}
			w.start()
			w.apply(`tasks: [{name: t, expr: m}]`)
			w.engine.Stop()
			w.options.Shard = fleet.Shard{Index: i, Count: 2}
			w.start()
			w.apply(`tasks: [{name: t, expr: m, series_limit: 40}]`)
			total += len(w.board.Task("t").Series)
		}
		require.Equal(w.t, 40, total)
		w.engine.Stop()
		w.options.Shard = fleet.Shard{Index: 0, Count: 4}
		w.start()
		w.apply(`tasks: [{name: t, expr: m, series_limit: 15}]`)
		require.Empty(w.t, w.board.Task("t").Error)
	})
}

// What a save that was killed has left is removed at the next start.
func TestLeftoversOfSavesAreRemoved(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		path := w.statePath("t")
		w.engine.Stop()
		require.NoError(w.t, os.WriteFile(path+".tmp123", []byte("half"), 0o600))
		w.start()
		w.apply(`tasks: [{name: t, expr: m}]`)
		left, err := filepath.Glob(path + ".tmp*")
		require.NoError(w.t, err)
		require.Empty(w.t, left)
	})
}

// stubborn is a source that goes on answering after its caller has gone.
type stubborn struct {
	fake
	release chan struct{}
}

func (s *stubborn) Instant(_ context.Context, _, _ string, _ int64, _ func(labels.Labels, source.Sample) error) (source.Warnings, error) {
	<-s.release
	return nil, errors.New("too late")
}

func TestWaitingDoesNotWaitForApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{Board: &board.Board{}, Logger: slog.New(slog.DiscardHandler)})
		src := &stubborn{release: make(chan struct{})}
		e.Apply(parse(t, `tasks: [{name: one, expr: m}]`), src)
		applied, two := make(chan struct{}), parse(t, `tasks: [{name: two, expr: m}]`)
		go func() {
			e.Apply(two, src)
			close(applied)
		}()
		synctest.Wait() // Apply waits for the source
		got := e.Waiting()
		require.Len(t, got, 1)
		require.Equal(t, "one", got[0])
		close(src.release)
		<-applied
		e.Stop()
	})
}

func TestMissedEvaluationsCountThoseLeftOut(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), func(at int64) float64 {
			return daily(1)(at)
		}})
		slow := &slowSource{fake: w.source}
		w.engine.Apply(parse(t, `tasks: [{name: t, expr: m}]`), slow)
		synctest.Wait()
		slow.delay.Store(int64(3*time.Minute + 30*time.Second))
		w.after(20 * time.Minute)
		got := w.board.Task("t").Missed
		require.GreaterOrEqual(w.t, got, uint64(3), "%d evaluations are counted as missed, though each of four took three and a half minutes", got)
		require.LessOrEqual(w.t, got, uint64(12), "%d evaluations are counted as missed, though each of four took three and a half minutes", got)
	})
}

type slowSource struct {
	*fake
	delay atomic.Int64 // nanoseconds
}

func (s *slowSource) Instant(ctx context.Context, task, expr string, at int64, each func(labels.Labels, source.Sample) error) (source.Warnings, error) {
	time.Sleep(time.Duration(s.delay.Load()))
	return s.fake.Instant(ctx, task, expr, at, each)
}

// A source that is away for long is not told anew with every evaluation.
func TestOneFailureIsLoggedOnce(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		for range 20 {
			w.source.fail(&source.Error{Asked: time.Now().String(), Reason: source.ReasonUnavailable, Err: errors.New("refused")})
			w.after(time.Minute)
		}
		require.Equal(w.t, 1, strings.Count(w.log.String(), "Evaluation failed"))
		w.source.fail(&source.Error{Reason: source.ReasonRejected, Err: errors.New("what?")})
		w.after(2 * time.Minute)
		require.Equal(w.t, 2, strings.Count(w.log.String(), "Evaluation failed"))
	})
}

// After the clock went back, siblings are compared again at once.
func TestPeersAfterTheClockWentBack(t *testing.T) {
	in(t, func(w *world) {
		var back atomic.Int64
		w.options.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		w.engine.Stop()
		w.start()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)}, fakeSeries{labels.FromStrings("s", "b"), daily(2)},
			fakeSeries{labels.FromStrings("s", "c"), daily(3)}, fakeSeries{labels.FromStrings("s", "d"), func(at int64) float64 { return 3 * daily(4)(at) }})
		w.apply(`tasks: [{name: t, expr: m, group_by: [job]}]`)
		back.Store(int64(24 * time.Hour))
		w.after(20 * time.Minute)
		require.Positive(w.t, w.value("t", board.PeerScore, "", "s", "d"))
	})
}
