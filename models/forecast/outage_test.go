package forecast

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
			m.Observe(at, x, false)
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

// TestBackAtAnotherLevel: what comes back ten times as large after an outage is forecast as such within a day.
func TestBackAtAnotherLevel(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.95}
	v := make1("daily", 3, 30*288, 288)
	m := New(o)
	var off, size float64
	for i, x := range v {
		if i >= 20*288 && i < 28*288 {
			continue
		}
		if i >= 28*288 {
			x *= 10
		}
		at := start + int64(i)*o.Step
		if e := m.Expect(at); i >= 29*288 {
			off += math.Abs(x - e.Mean)
			size += x
		}
		m.Observe(at, x, false)
		if m.Due() {
			m.Refit()
		}
	}
	if off > .1*size {
		t.Errorf("on the second day expectations are off by %.0f %%", 100*off/size)
	}
}

func TestBefore1970(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.95}
	m := New(o)
	feed(m, -40*day, make1("daily", 3, 3*288, 288))
	if !m.Due() {
		t.Error("no fit is wanted after three days before 1970")
	}
}
