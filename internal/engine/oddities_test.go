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
		if got != want {
			t.Errorf("the forecast is %v after a history read in two goes, %v after one", got, want)
		}
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
		if got := w.states("t", "s")["a"]; got != models.StateStale {
			t.Errorf("the series is %v, want stale", got)
		}
		if v := w.value("t", board.Observed, "", "s", "a"); !math.IsNaN(v) {
			t.Errorf("the last number, %v, is repeated", v)
		}
		w.after(26 * time.Hour)
		w.engine.Stop()
		w.start()
		before, _, _ := w.source.counts()
		w.apply(`tasks: [{name: t, expr: m, outputs: [observed, anomaly, info]}]`)
		if after, _, _ := w.source.counts(); after != before {
			t.Errorf("after a restart %d range queries, want none", after-before)
		}
		got := w.states("t", "s")
		for _, s := range []string{"a", "never"} {
			if state, there := got[s]; !there || state != models.StateStale {
				t.Errorf("%s, which the source still has, is %v, %v; want listed as stale", s, state, there)
			}
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
		if _, there := w.states("t", "s")["a"]; !there {
			t.Error("a series whose daily sample is an hour late is gone")
		}
		w.after(24 * time.Hour)
		if got := w.states("t", "s")["a"]; got != models.StateStale {
			t.Errorf("after two days it is %v, want stale", got)
		}
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
		if want := `{exported_state="x", task="t"} {exported_state="y", task="t"}`; strings.Join(got, " ") != want {
			t.Errorf("the groups are %s, want %s", got, want)
		}
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
		if total != 40 {
			t.Errorf("two shards follow %d series together, want 40", total)
		}
		w.engine.Stop()
		w.options.Shard = fleet.Shard{Index: 0, Count: 4}
		w.start()
		w.apply(`tasks: [{name: t, expr: m, series_limit: 15}]`)
		if s := w.board.Task("t"); s.Error != "" {
			t.Errorf("a shard of ten of forty series is refused: %s", s.Error)
		}
	})
}

// What a save that was killed has left is removed at the next start.
func TestLeftoversOfSavesAreRemoved(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		path := w.statePath("t")
		w.engine.Stop()
		if err := os.WriteFile(path+".tmp123", []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.apply(`tasks: [{name: t, expr: m}]`)
		if left, err := filepath.Glob(path + ".tmp*"); err != nil || len(left) > 0 {
			t.Errorf("%v is left (%v)", left, err)
		}
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
		applied := make(chan struct{})
		go func() {
			e.Apply(parse(t, `tasks: [{name: two, expr: m}]`), src)
			close(applied)
		}()
		synctest.Wait() // Apply waits for the source
		if got := e.Waiting(); len(got) != 1 || got[0] != "one" {
			t.Errorf("waiting for %v, want one", got)
		}
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
		if got := w.board.Task("t").Missed; got < 3 || got > 12 {
			t.Errorf("%d evaluations are counted as missed, though each of four took three and a half minutes", got)
		}
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
		if n := strings.Count(w.log.String(), "Evaluation failed"); n != 1 {
			t.Errorf("the failure is logged %d times, want once", n)
		}
		w.source.fail(&source.Error{Reason: source.ReasonRejected, Err: errors.New("what?")})
		w.after(2 * time.Minute)
		if n := strings.Count(w.log.String(), "Evaluation failed"); n != 2 {
			t.Errorf("with another cause it is logged %d times in all, want twice", n)
		}
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
		if got := w.value("t", board.PeerScore, "", "s", "d"); !(got > 0) {
			t.Errorf("the score of the outlier is %v, want above 0", got)
		}
	})
}
