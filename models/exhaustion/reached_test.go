package exhaustion

import (
	"testing"
	"time"
)

// A series that stands at its limit has reached it, however the ring rounds both.
func TestReachedAtTheLimit(t *testing.T) {
	for _, sign := range []float64{1, -1} {
		for k := range 200 {
			m := New(300_000, &Options{Within: []time.Duration{time.Hour}, Falling: sign < 0})
			first := 20 + 0.0137*float64(k)
			for i := range 400 {
				m.Observe(int64(i)*300_000, sign*(first+float64(i)*(100-first)/400))
			}
			m.Observe(400*300_000, sign*100)
			var a Assessment
			if m.Assess(&a, sign*100); !a.Reached {
				t.Fatalf("from %v: not reached", sign*first)
			}
			if m.Assess(&a, sign*100.001); a.Reached {
				t.Fatalf("from %v: reached a limit beyond", sign*first)
			}
		}
	}
}
