package engine

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// skewed is a world whose clocks can be set: ours and, where it tells it, the source's. The source has four series of
// what really is, and no sample from the time after.
type skewed struct {
	*world
	own, source atomic.Int64 // by how much they are ahead
}

func inSkewed(t *testing.T, tells bool, more string, test func(w *skewed)) {
	t.Helper()
	in(t, func(plain *world) {
		w := &skewed{world: plain}
		w.options.Now = func() time.Time { return time.Now().Add(time.Duration(w.own.Load())) }
		w.options.Registerer = prometheus.NewRegistry()
		w.engine.Stop()
		w.start()
		there := func(f func(int64) float64) func(int64) float64 {
			return func(at int64) float64 {
				if at > time.Now().Add(time.Duration(w.source.Load())).UnixMilli() {
					return absentValue
				}
				return f(at)
			}
		}
		w.world.source.set("m", fakeSeries{labels.FromStrings("s", "a"), there(daily(1))},
			fakeSeries{labels.FromStrings("s", "b"), there(daily(2))}, fakeSeries{labels.FromStrings("s", "c"), there(daily(3))},
			fakeSeries{labels.FromStrings("s", "d"), there(func(at int64) float64 { return 3 * daily(4)(at) })})
		if tells {
			w.world.source.clock = func() time.Time { return time.Now().Add(time.Duration(w.source.Load())) }
		}
		w.apply("tasks: [{name: t, expr: m" + more + "}]")
		w.ok()
		test(w)
	})
}

var absentValue = between(time.Time{}, time.Time{}, constant(0))(0)

// ok checks that all series are forecast as of now by the time that really is.
func (w *skewed) ok() {
	w.t.Helper()
	ok := models.StateOK
	require.Equal(w.t, map[string]models.State{"a": ok, "b": ok, "c": ok, "d": ok}, w.states("t", "s"))
	require.InDelta(w.t, time.Now().Add(time.Duration(w.source.Load())).UnixMilli(), w.board.Task("t").Origin, float64(6*time.Minute/time.Millisecond))
}

func (w *skewed) jumps() float64 { return testutil.ToFloat64(w.engine.clock.jumps) }

// ranges is how many range queries, each of which reads history, there were.
func (w *skewed) ranges() int {
	n, _, _ := w.world.source.counts()
	return n
}

// A clock of ours that is wrong by ten days, in either direction, changes nothing where the source tells the time: it is
// logged and counted when it goes wrong and when it is put right.
func TestWrongClockOfOurs(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": 240 * time.Hour, "behind": -240 * time.Hour, "by an hour": time.Hour} {
		t.Run(name, func(t *testing.T) {
			inSkewed(t, true, "", func(w *skewed) {
				before := w.ranges()
				w.own.Store(int64(by))
				w.after(30 * time.Minute)
				w.ok()
				require.InDelta(w.t, 1, w.jumps(), 0)
				w.own.Store(0)
				w.after(30 * time.Minute)
				w.ok()
				require.Equal(w.t, before, w.ranges(), "the history was read anew")
				require.InDelta(w.t, 2, w.jumps(), 0)
				for text, n := range map[string]int{"of this machine jumped": 2, "and of the source differ": 1, "agree again": 1} {
					require.Equal(w.t, n, strings.Count(w.log.String(), text), text)
				}
			})
		})
	}
}

// Where the source does not tell the time, a clock that is ten days ahead finds no samples: all is stale, and nothing is
// forgotten. It goes on when the clock is right again.
func TestClockAheadOfSilentSource(t *testing.T) {
	inSkewed(t, false, "", func(w *skewed) {
		w.own.Store(int64(240 * time.Hour))
		w.after(30 * time.Minute)
		require.Empty(w.t, w.board.Task("t").Series)
		require.Equal(w.t, 4, w.engine.running["t"].task.fleet.Size())
		w.own.Store(0)
		before, _, _ := w.world.source.counts()
		w.after(10 * time.Minute)
		w.ok()
		require.LessOrEqual(w.t, w.ranges(), before+1, "what was missed is read")
		require.InDelta(w.t, 2, w.jumps(), 0)
		require.Contains(w.t, w.log.String(), "going on after the newest sample")
	})
}

// A clock that goes back finds samples from times still to come: it waits, all is stale, and nothing is forgotten.
func TestClockGoesBack(t *testing.T) {
	inSkewed(t, false, "", func(w *skewed) {
		origin := w.board.Task("t").Origin
		w.own.Store(-int64(4 * time.Minute))
		w.after(2 * time.Minute)
		require.Equal(w.t, origin, w.board.Task("t").Origin)
		w.own.Store(-int64(240 * time.Hour))
		w.after(10 * time.Minute)
		require.Contains(w.t, w.board.Task("t").Error, "the clock is before samples that were learnt")
		require.Equal(w.t, models.StateStale, w.states("t", "s")["a"])
		require.Equal(w.t, 1, strings.Count(w.log.String(), "Evaluation failed"))
		w.own.Store(0)
		w.after(10 * time.Minute)
		w.ok()
	})
}

// A clock that the source agrees with may have gone back too, as on one machine whose clock was wrong: an hour is waited
// for; after ten days, those series start anew.
func TestBothClocksGoBack(t *testing.T) {
	inSkewed(t, true, ", group_by: [job]", func(w *skewed) {
		set := func(d time.Duration) {
			w.own.Store(int64(d))
			w.source.Store(int64(d))
		}
		set(-time.Hour)
		w.after(30 * time.Minute)
		require.Equal(w.t, models.StateStale, w.states("t", "s")["a"])
		w.after(40 * time.Minute)
		w.ok()
		before := w.ranges()
		set(-240 * time.Hour)
		w.after(20 * time.Minute)
		w.ok()
		require.Greater(w.t, w.ranges(), before)
		require.Contains(w.t, w.log.String(), "start anew")
		require.Positive(w.t, w.value("t", board.PeerScore, "", "s", "d"), "siblings are compared again")
	})
}

// While the machine sleeps, clocks go on and the monotonic one does not: that is one jump, and what the source has since
// is read.
func TestSleep(t *testing.T) {
	inSkewed(t, true, "", func(w *skewed) {
		var slept atomic.Bool
		w.world.source.clock = func() time.Time { // stands still until it is asked
			if slept.Load() && w.world.source.pings == 0 {
				return time.Now()
			}
			return time.Now().Add(time.Duration(w.source.Load()))
		}
		w.own.Store(int64(10 * time.Hour))
		w.source.Store(int64(10 * time.Hour))
		slept.Store(true)
		w.after(10 * time.Minute)
		w.ok()
		require.InDelta(w.t, 1, w.jumps(), 0)
		require.NotContains(w.t, w.log.String(), "differ")
	})
}

// A source that is away can't say that our clock is wrong: nothing is forgotten meanwhile.
func TestWrongClockWhileTheSourceIsAway(t *testing.T) {
	inSkewed(t, true, "", func(w *skewed) {
		w.world.source.fail(errors.New("away"))
		w.own.Store(int64(2400 * time.Hour))
		w.after(time.Hour)
		require.Equal(w.t, 4, w.engine.running["t"].task.fleet.Size())
		w.world.source.fail(nil)
		w.after(10 * time.Minute)
		w.ok()
	})
}
