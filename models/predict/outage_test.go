package predict

import (
	"math"
	"testing"
	"time"
)

// TestAfterALongOutage: after an outage longer than samples are remembered, the daily pattern known from hours is
// expected from the second hour on, with intervals that hold.
func TestAfterALongOutage(t *testing.T) {
	for _, step := range []time.Duration{2 * time.Minute, 5 * time.Minute, 20 * time.Minute} {
		o := &Options{Step: step.Milliseconds(), Level: 0.95}
		perDay := int(24 * time.Hour / step)
		v := make1("daily", 3, 35*perDay, perDay)
		m := New(o)
		from := start / o.Step * o.Step
		var before, after, inside, n float64
		for i, x := range v {
			if i >= 20*perDay && i < 30*perDay {
				continue
			}
			at := from + int64(i)*o.Step
			e := m.Expect(at)
			m.Observe(at, x, 0)
			if m.Due() {
				m.Refit()
			}
			switch d := math.Abs(x - e.Mean); {
			case i >= 19*perDay && i < 20*perDay:
				before += d / float64(perDay)
			case i >= 30*perDay+perDay/24:
				if i < 31*perDay {
					after += d / float64(perDay)
				}
				if !(e.Upper > e.Lower) {
					t.Fatalf("step %s: sample %d after the outage is expected at %v without a width", step, i-30*perDay, e)
				}
				n++
				if x >= e.Lower && x <= e.Upper {
					inside++
				}
			}
		}
		if after > 1.5*before {
			t.Errorf("step %s: mean error %.3g on the day before the outage, %.3g on the day after", step, before, after)
		}
		if coverage := inside / n; coverage < .9 {
			t.Errorf("step %s: coverage of 95 %% intervals after the outage: %.3f", step, coverage)
		}
	}
}
