package forecast

import (
	"math"
	"testing"
	"time"
)

// TestLeadsAreIndependent: a lead's forecast does not depend on which others are asked for, and the expectation of the
// next sample is the forecast one step ahead of one who follows no break.
func TestLeadsAreIndependent(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour} {
		for _, name := range []string{"daily", "bursts", "walk", "steps"} {
			o := &Options{Step: step.Milliseconds(), Level: 0.95}
			perDay := int(24 * time.Hour / step)
			m := fitted(o, make1(name, 9, 12*perDay+perDay/3+5, perDay))
			var all []int
			for i := range 3 * perDay {
				all = append(all, i+1)
			}
			levels := []float64{0.95}
			want := m.Forecast(nil, leadsOf(o.Step, all...), levels)
			for _, l := range []int{1, 2, 11, 12, 13, perDay / 2, perDay, perDay + 7, 2*perDay + 1} {
				got := m.Forecast(nil, leadsOf(o.Step, l), levels)[0]
				w := want[l-1]
				scale := 1e-6 * (1 + math.Abs(w.Mean) + w.Upper[0] - w.Lower[0])
				if math.Abs(got.Mean-w.Mean) > scale || math.Abs(got.Lower[0]-w.Lower[0]) > scale || math.Abs(got.Upper[0]-w.Upper[0]) > scale {
					t.Errorf("%s %s lead %d: want %.6g %.6g %.6g, got %.6g %.6g %.6g", step, name, l, w.Lower[0], w.Mean, w.Upper[0], got.Lower[0], got.Mean, got.Upper[0])
				}
			}
			calm := m.expectAfter(1)
			if e := m.Expect(m.End() + o.Step); math.Abs(e.Mean-calm.Mean) > 1e-5*(1+math.Abs(e.Mean)) {
				t.Errorf("%s %s: want the expectation %v, got %v", step, name, calm.Mean, e.Mean)
			}
		}
	}
}
