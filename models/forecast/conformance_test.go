package forecast

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// TestConformance walks every shape at every step and length through a model as the engine does, and checks what
// Forecast, Expect and Quality promise.
func TestConformance(t *testing.T) {
	levels := []float64{0.2, 0.8, 0.95, 0.99}
	low, high := -1e3, 2e3
	for _, step := range []time.Duration{15 * time.Second, time.Minute, 7 * time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		perDay := int(24 * time.Hour / step)
		for _, days := range []float64{0.01, 1.2, 3, 11} {
			n := min(max(30, int(days*float64(perDay))), 3300)
			for name := range shapes {
				for _, bounded := range []bool{false, true} {
					if bounded && days != 3 {
						continue
					}
					t.Run(fmt.Sprintf("%s/%d/%s/%v", step, n, name, bounded), func(t *testing.T) {
						o := &Options{Step: step.Milliseconds(), Level: 0.9, Horizons: []time.Duration{step, 4 * step}}
						if bounded {
							o.Minimum, o.Maximum = &low, &high
						}
						m := New(o)
						v := make1(name, 3, n, perDay)
						for i, x := range v {
							at := start/o.Step*o.Step + int64(i)*o.Step
							e := m.Expect(at)
							if m.fit.done && !(e.Lower <= e.Mean && e.Mean <= e.Upper) {
								t.Fatalf("expectation %d: got %+v", i, e)
							}
							m.Observe(at, x, false)
							if i == n*2/3 {
								m.Refit()
							}
						}
						m.Refit()
						f := m.Forecast(nil, leadsOf(o.Step, 1, 2, 7, perDay, 3*perDay+1), levels)
						if name == "missing" {
							if len(f) != 0 {
								t.Fatalf("got %d forecasts of nothing", len(f))
							}
							return
						}
						for _, r := range f {
							edges := []float64{r.Mean}
							for i := range levels {
								edges = append(append([]float64{r.Lower[i]}, edges...), r.Upper[i])
							}
							for i, e := range edges {
								if math.IsNaN(e) || math.IsInf(e, 0) {
									t.Fatalf("lead %s: not finite: %v", r.Lead, edges)
								}
								if i > 0 && e < edges[i-1] {
									t.Fatalf("lead %s: not nested: %v", r.Lead, edges)
								}
								if bounded && (e < low || e > high) {
									t.Fatalf("lead %s: out of bounds: %v", r.Lead, edges)
								}
							}
						}
					})
				}
			}
		}
	}
}
