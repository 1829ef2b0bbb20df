package engine

import (
	"errors"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Eight days of a life in seconds: series come, go and return, the source fails now and then, the configuration is
// applied anew every hour. Memory and goroutines are as many on the last days as on the third, and so are alarms.
func TestEightDays(t *testing.T) {
	in(t, func(w *world) {
		begin := time.Now()
		all := make([]fakeSeries, 0, 12)
		for i := range 8 {
			all = append(all, fakeSeries{labels.FromStrings("s", strconv.Itoa(i)), daily(int64(i))})
		}
		for i := range 4 { // there every other half day
			value := daily(int64(100 + i))
			all = append(all, fakeSeries{labels.FromStrings("s", "p"+strconv.Itoa(i)), func(at int64) float64 {
				if (at/43_200_000+int64(i))%2 == 0 {
					return absentValue
				}
				return value(at)
			}})
		}
		w.source.set("m", all...)
		const yaml = `tasks: [{name: t, expr: m, step: 15m, horizons: [1h]}]`
		w.apply(yaml)
		var alarms [8]int
		var heap [8]uint64
		var goroutines [8]int
		for day := range 8 {
			for hour := range 24 {
				if hour%6 == 5 {
					w.source.fail(errors.New("away"))
					w.after(15 * time.Minute)
					w.source.fail(nil)
					w.after(45 * time.Minute)
				} else {
					w.after(time.Hour)
				}
				w.apply(yaml)
				if scores := w.board.Task("t").Column(board.AnomalyScore, ""); scores != nil {
					for _, v := range scores {
						if v > 1 {
							alarms[day]++
						}
					}
				}
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap[day], goroutines[day] = m.HeapAlloc, runtime.NumGoroutine()
		}
		w.t.Logf("heap %d, goroutines %d, alarms %d", heap, goroutines, alarms)
		require.Equal(w.t, 8*24*time.Hour, time.Since(begin))
		require.LessOrEqual(w.t, heap[7], heap[2]+heap[2]/5+4<<20)
		require.LessOrEqual(w.t, goroutines[7], goroutines[2]+5)
		for day, n := range alarms {
			require.LessOrEqual(w.t, n, 12, "looks at an anomaly, of 12 series in 24 hours, on day %d", day)
		}
		require.LessOrEqual(w.t, w.engine.running["t"].task.fleet.Size(), 12)
		require.Less(w.t, w.log.Len(), 64<<10, "the log")
	})
}
