package forecast

import (
	"encoding/binary"
	"math"
	"testing"
	"time"
)

// FuzzObserve feeds whatever values, gaps and scores: nothing panics, and what is forecast is finite and nested.
func FuzzObserve(f *testing.F) {
	f.Add(uint8(0), []byte("a series of any bytes, taken nine by nine"))
	f.Add(uint8(2), make([]byte, 900))
	steps := []time.Duration{15 * time.Second, 5 * time.Minute, time.Hour, 24 * time.Hour}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		o := stateOptions(steps[int(which)%len(steps)])
		m := New(o)
		at := int64(start)
		for ; len(b) >= 9; b = b[9:] {
			v := math.Float64frombits(binary.LittleEndian.Uint64(b))
			for range 1 + b[8]%16 { // some of each, so that short inputs make long series
				m.Expect(at)
				m.Observe(at, v, b[8]>>6 > 1)
				v += float64(b[8])
				at += o.Step * int64(b[8]%4)
			}
			if b[8] == 0 || m.Due() {
				m.Refit()
			}
		}
		m.Refit()
		for _, r := range m.Forecast(nil, leadsOf(o.Step, 1, 2, 30, 500), []float64{0.5, 0.95}) {
			edges := []float64{r.Lower[1], r.Lower[0], r.Mean, r.Upper[0], r.Upper[1]}
			for i, e := range edges {
				if math.IsNaN(e) || math.IsInf(e, 0) || i > 0 && e < edges[i-1] {
					t.Fatalf("lead %s: %v", r.Lead, edges)
				}
			}
		}
	})
}
