package futureapi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// learnt is a forecaster as an Ahead.
type learnt struct {
	mu         sync.Mutex
	forecaster *models.Forecaster
}

func (l *learnt) Curve(dst []board.Point, from, to int64, step time.Duration) ([]board.Point, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.forecaster.Curve(dst, from, to, step.Milliseconds()), l.forecaster.End()
}

// learn fits a forecaster to three weeks of a daily pattern with noise.
func learn(seed uint64) board.Ahead {
	r := rand.New(rand.NewPCG(seed, 1))
	h := models.Series{Start: origin.UnixMilli() - 21*day, Step: 5 * minute, Values: make([]float64, 21*288+1)}
	for i := range h.Values {
		h.Values[i] = 100 + 40*math.Sin(2*math.Pi*float64(i)/288+float64(seed)) + 5*r.NormFloat64()
	}
	o := &models.Options{Step: 5 * time.Minute, Level: 0.95, Horizons: []time.Duration{7 * 24 * time.Hour}, Anomaly: &models.AnomalyOptions{FalseEventsPerWeek: 0.3, Above: true, Below: true, Settle: 24 * time.Hour}}
	return &learnt{forecaster: models.Fit(o, h)}
}

// BenchmarkWeekAhead asks for the curves of 1,000 series for the next 7 days at steps of 5 minutes: at most 1 s and
// 200 MB are promised. cpu-s/op is the processor time, peak-MB the most that the heap held beyond what it held before.
func BenchmarkWeekAhead(b *testing.B) {
	const count = 1000
	for _, c := range []struct {
		name  string
		ahead func(i int) board.Ahead
	}{
		{"line", func(int) board.Ahead { return line{origin: origin.UnixMilli(), history: day, horizon: 8 * day} }},
		{"forecasters", func() func(i int) board.Ahead {
			few := make([]board.Ahead, 8)
			for i := range few {
				few[i] = learn(uint64(i))
			}
			return func(i int) board.Ahead { return few[i%len(few)] }
		}()},
	} {
		b.Run(c.name, func(b *testing.B) {
			series := make([]labels.Labels, count)
			for i := range series {
				series[i] = labels.FromStrings("instance", fmt.Sprintf("host%04d:9100", i), "job", "node", "mode", "user")
			}
			s := snapshot("cpu", 5*time.Minute, series...)
			s.Horizon = 8 * 24 * time.Hour
			for i := range s.Series {
				s.Series[i].Ahead = c.ahead(i)
			}
			all := new(board.Board)
			all.Publish(s)
			h := handler(b, all, nil)
			url := fmt.Sprintf("/api/v1/query_range?query=foresight_expected&start=%s&end=%s&step=300", unix(0), unix(7*24*time.Hour))
			peak, before := 0.0, cpu(b)
			b.ReportAllocs()
			for b.Loop() {
				stop := watchHeap(&peak)
				w := &counter{header: http.Header{}}
				h.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody))
				stop()
				if w.bytes < count*2000*20 {
					b.Fatalf("%d bytes", w.bytes)
				}
			}
			b.ReportMetric((cpu(b)-before)/float64(b.N), "cpu-s/op")
			b.ReportMetric(peak, "peak-MB")
		})
	}
}

// cpu is the processor time that the process has taken, in seconds.
func cpu(b *testing.B) float64 {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

// counter is a ResponseWriter that keeps nothing.
type counter struct {
	header http.Header
	bytes  int
}

func (c *counter) Header() http.Header         { return c.header }
func (c *counter) WriteHeader(int)             {}
func (c *counter) Write(p []byte) (int, error) { c.bytes += len(p); return len(p), nil }

// watchHeap follows the heap until the function returned is called.
func watchHeap(peak *float64) (stop func()) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, done, ended := m.HeapAlloc, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				*peak = max(*peak, float64(m.HeapAlloc-min(m.HeapAlloc, before))/1e6)
			}
		}
	}()
	return func() { close(done); <-ended }
}
