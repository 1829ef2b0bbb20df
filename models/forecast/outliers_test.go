package forecast

import (
	"math"
	"testing"
	"time"
)

// TestAnomaliesAreNotLearnt: an outage that scored above 1 leaves the forecast of the next day as if it had not been; a
// new level is learnt once it is accepted.
func TestAnomaliesAreNotLearnt(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, time.Hour} {
		perDay := int(24 * time.Hour / step)
		o := &Options{Step: step.Milliseconds(), Level: 0.95}
		v := make1("daily", 4, 12*perDay, perDay)
		outage := v[8*perDay : 8*perDay+max(perDay/8, 3)]

		calm := fitted(o, v)
		hit := New(o)
		for i, x := range v {
			anomalous := i >= 8*perDay && i < 8*perDay+len(outage)
			if anomalous {
				x = 0
			}
			hit.Observe(start/o.Step*o.Step+int64(i)*o.Step, x, anomalous)
		}
		hit.Refit()
		leads := leadsOf(o.Step, 1, perDay/4, perDay/2, perDay)
		want, got := calm.Forecast(nil, leads, nil), hit.Forecast(nil, leads, nil)
		for i := range want {
			if d := math.Abs(want[i].Mean - got[i].Mean); d > 3 {
				t.Errorf("%s: the outage moved lead %s from %.1f to %.1f", step, leads[i], want[i].Mean, got[i].Mean)
			}
		}

		from := feed(hit, hit.End()+o.Step, nil)
		refits := 0
		for i := range perDay {
			hit.Observe(from+int64(i)*o.Step, 500+v[i], i < perDay/2)
			if i == perDay/2 {
				if hit.Accept(from); !hit.Due() {
					t.Errorf("%s: no refit is due after a new level was accepted", step)
				}
			}
			if hit.Due() {
				hit.Refit()
				refits++
			}
		}
		if f := hit.Forecast(nil, leads[:1], nil)[0].Mean; f < 400 {
			t.Errorf("%s: a day after the level rose by 500 and %d refits the forecast is %.1f", step, refits, f)
		}
	}
}

// After a gap longer than all that is remembered nothing is expected, at no cost.
func TestExpectAfterAGapWithoutEnd(t *testing.T) {
	m := New(&Options{Step: 3600_000, Level: 0.95})
	for i := range int64(700) {
		m.Observe(1_600_000_000_000+i*3600_000, float64(i%24), false)
	}
	m.Refit()
	if e := m.Expect(1_600_000_000_000 + 1000*3600_000); math.IsNaN(e.Mean) {
		t.Error("after 300 hours nothing is expected")
	}
	if e := m.Expect(900_000_000_000_000); !math.IsNaN(e.Mean) {
		t.Errorf("after millennia %v is expected", e.Mean)
	}
}
