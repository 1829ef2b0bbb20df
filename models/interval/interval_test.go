package interval

import (
	"math"
	"testing"
)

func TestTowards(t *testing.T) {
	a, b := Interval{0, -1, 1}, Interval{10, 6, 20}
	for share, want := range map[float64]Interval{0: a, 1: b, .25: {2.5, .75, 5.75}} {
		if got := a.Towards(b, share); got != want {
			t.Errorf("%v of the way: got %v, want %v", share, got, want)
		}
	}
	if a.Towards(Unknown(), .5).Known() || Unknown().Towards(a, .5).Known() {
		t.Error("between something and nothing something is known")
	}
}

func TestTidy(t *testing.T) {
	for _, c := range []struct{ i, want Interval }{
		{Interval{1, 0, 2}, Interval{1, 0, 2}},
		{Interval{5, 0, 2}, Interval{5, 0, 5}},
		{Interval{-5, 0, 2}, Interval{-5, -5, 2}},
		{Interval{1, math.Inf(-1), 2}, Unknown()},
		{Interval{math.NaN(), 0, 2}, Unknown()},
	} {
		if got := c.i.Tidy(); got != c.want && (got.Known() || c.want.Known()) {
			t.Errorf("%v: got %v, want %v", c.i, got, c.want)
		}
	}
}
