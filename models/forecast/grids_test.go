package forecast

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata" // Europe/Berlin
)

// A daily pattern that follows local time stands at the same places after localise, across both changes of the clock.
func TestLocaliseAcrossClockChanges(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const step = 5 * 60 * 1000
	for _, end := range []time.Time{
		time.Date(2026, 10, 30, 12, 0, 0, 0, time.UTC), // an hour was told twice
		time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC),   // an hour was skipped
	} {
		x := make([]float64, 14*288)
		hour := func(i int) float64 {
			local := end.Add(time.Duration(i-len(x)+1) * step * time.Millisecond).In(berlin)
			return float64(local.Hour()) + float64(local.Minute())/60
		}
		for i := range x {
			x[i] = hour(i)
		}
		clock{berlin}.localise(x, end.UnixMilli(), step)
		missing := 0
		for i, v := range x {
			back := (len(x) - 1 - i) % 288
			switch {
			case math.IsNaN(v):
				missing++
			case v != hour(len(x)-1-back):
				t.Fatalf("until %v: %d steps before the end it is %g, want %g", end, len(x)-1-i, v, hour(len(x)-1-back))
			}
		}
		if missing != 12 {
			t.Errorf("until %v: %d values are missing, want those of an hour", end, missing)
		}
	}
}

// A day and what makes the last of its longer steps whole are enough to fit at any step, also where less than a day is
// remembered sample by sample.
func TestDueAfterADay(t *testing.T) {
	for _, step := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		m := New(&Options{Step: step.Milliseconds(), Level: 0.95})
		n := max(int(24*time.Hour/step), 30)
		for i := range n + m.grids.perMedium - 1 + min(1, m.grids.perMedium-1) {
			if i < n && m.Due() {
				t.Fatalf("step %v: due after %d samples, want %d", step, i, n)
			}
			m.Observe(int64(i)*step.Milliseconds(), float64(i%7), false)
		}
		if !m.Due() {
			t.Errorf("step %v: not due after %d samples", step, n)
		}
	}
}
