package forecast

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestLeadsAreIndependent: a lead's forecast does not depend on which others are asked for, to the last bit, so the fast
// path for a few leads is the full forecast, in local time too; and the expectation of the next sample is the forecast one
// step ahead of one who follows no break.
func TestLeadsAreIndependent(t *testing.T) {
	levels := []float64{0.5, 0.95}
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour} {
		for _, name := range []string{"daily", "bursts", "walk", "steps", "gaps", "weekly"} {
			for _, location := range []*time.Location{nil, berlin(t)} {
				o := &Options{Step: step.Milliseconds(), Level: 0.95, Location: location}
				perDay := int(24 * time.Hour / step)
				var v []float64
				if name != "weekly" {
					v = make1(name, 9, 12*perDay+perDay/3+5, perDay)
				} else {
					v = make1("daily", 9, 26*perDay+5, perDay)
					for i := range v {
						if i/perDay%7 > 4 {
							v[i] /= 3
						}
					}
				}
				m := New(o)
				// the clocks of Berlin change on 29 October 2023, in the history
				from := time.Date(2023, 10, 24, 0, 0, 0, 0, time.UTC).UnixMilli()
				for i, x := range v {
					m.Observe(from+int64(i)*o.Step, x, i%97 == 0) // some are anomalous
				}
				m.Refit()
				if name == "weekly" && m.fit.longPeriod == 0 {
					t.Fatalf("%s: no weekly season is found", step)
				}
				var all []int
				for i := range 3 * perDay {
					all = append(all, i+1)
				}
				want := m.Forecast(nil, leadsOf(o.Step, all...), levels)
				same := func(few ...int) {
					for i, got := range m.Forecast(nil, leadsOf(o.Step, few...), levels) {
						w := want[few[i]-1]
						if got.Mean != w.Mean || !slices.Equal(got.Lower, w.Lower) || !slices.Equal(got.Upper, w.Upper) {
							t.Errorf("%s %s %v, lead %d of %v: want %+v, got %+v", step, name, location, few[i], few, w, got)
						}
					}
				}
				for _, lead := range []int{1, 2, 11, 12, 13, perDay / 2, perDay, perDay + 7, 2*perDay + 1} {
					same(lead)
				}
				same(1, 13, perDay/2+perDay, 2*perDay+1)
				calm := m.expectAfter(1)
				if e := m.Expect(m.End() + o.Step); math.Abs(e.Mean-calm.Mean) > 1e-5*(1+math.Abs(e.Mean)) {
					t.Errorf("%s %s: want the expectation %v, got %v", step, name, calm.Mean, e.Mean)
				}
			}
		}
	}
}
