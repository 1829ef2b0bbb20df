package engine

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// On the days on which clocks do what they don't do else, each step is evaluated once, nothing is missed or read anew,
// and what is expected is what comes.
func TestOddDays(t *testing.T) {
	for name, day := range map[string]struct {
		at   time.Time     // the moment
		step time.Duration // by which our clock is moved at it
	}{
		"summer time begins": {time.Date(2000, 3, 26, 1, 0, 0, 0, time.UTC), 0},
		"summer time ends":   {time.Date(2000, 10, 29, 1, 0, 0, 0, time.UTC), 0},
		"29 February":        {time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC), 0},
		"leap second":        {time.Date(2016, 12, 31, 23, 59, 59, 999, time.UTC), -time.Second},
		"2038":               {time.Unix(1<<31, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(w *world) {
				var moved atomic.Int64
				moved.Store(int64(time.Until(day.at.Add(-6 * time.Hour))))
				w.options.Now = func() time.Time { return time.Now().Add(time.Duration(moved.Load())) }
				w.options.Registerer = prometheus.NewRegistry()
				w.engine.Stop()
				w.start()
				w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
				w.apply(`tasks: [{name: t, expr: m, time_zone: Europe/Berlin, horizons: [1h]}]`)
				w.after(6 * time.Hour)
				moved.Add(int64(day.step))
				ranges, instants, _ := w.source.counts()
				w.after(6 * time.Hour)
				again, after, _ := w.source.counts()
				require.Equal(w.t, ranges, again, "something was read anew")
				require.InDelta(w.t, 72, after-instants, 1)
				require.Zero(w.t, w.board.Task("t").Missed)
				require.InDelta(w.t, w.options.Now().UnixMilli(), w.board.Task("t").Origin, float64(6*time.Minute/time.Millisecond))
				at := w.board.Task("t").Origin
				require.InDelta(w.t, daily(1)(at), w.value("t", board.Expected, "", "s", "a"), 6)
				require.InDelta(w.t, daily(1)(at+3_600_000), w.value("t", board.Forecast, "1h", "s", "a"), 6) // by local time, an hour off on two of the days
				require.Zero(w.t, testutil.ToFloat64(w.engine.clock.jumps))
				w.engine.Stop() // and what was learnt is taken up on the other side
				w.options.Registerer = prometheus.NewRegistry()
				w.start()
				w.apply(`tasks: [{name: t, expr: m, time_zone: Europe/Berlin, horizons: [1h]}]`)
				w.after(6 * time.Minute)
				after, _, _ = w.source.counts()
				require.Equal(w.t, ranges, after, "the saved state is not used")
			})
		})
	}
}
