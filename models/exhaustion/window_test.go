package exhaustion

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWindowsAgreeWithTheirDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 200)
	for i := range x {
		x[i] = float64(r.IntN(20))
		if r.IntN(4) == 0 || i > 100 && i < 130 {
			x[i] = math.NaN()
		}
	}
	got := make([]float64, len(x))
	for _, w := range []int{1, 2, 7, 24, 168} {
		median, highest := make([]float64, len(x)), make([]float64, len(x))
		for i := range x {
			s := slices.DeleteFunc(slices.Clone(x[max(0, i-w+1):i+1]), math.IsNaN)
			slices.Sort(s)
			median[i], highest[i] = math.NaN(), math.NaN()
			if len(s) > 0 {
				median[i], highest[i] = s[len(s)/2], s[len(s)-1]
			}
		}
		medians(got, x, w)
		requireSame(t, median, got)
		maxima(got, x, w)
		requireSame(t, highest, got)
	}
}

func requireSame(t *testing.T, want, got []float64) {
	t.Helper()
	for i := range want {
		if want[i] != got[i] && !(math.IsNaN(want[i]) && math.IsNaN(got[i])) {
			t.Fatalf("%d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestClasses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		value func(i int) float64
		want  trend
	}{
		"fill":     {func(i int) float64 { return float64(i) + r.Float64() }, accumulating},
		"sawtooth": {func(i int) float64 { return float64(i % 24) }, accumulating},
		"constant": {func(int) float64 { return 3 }, accumulating},
		"noise":    {func(int) float64 { return r.NormFloat64() }, noisy},
		"wave":     {func(i int) float64 { return math.Sin(float64(i) / 4) }, noisy},
	} {
		x := make([]float64, 300)
		for i := range x {
			x[i] = c.value(i)
		}
		if got, _ := classify(&ring{}, x); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestRingKeepsMaximaAndMedians(t *testing.T) {
	r := newRing(60_000, &Options{})
	for i := range 60 {
		r.observe(int64(i)*60_000, float64(i))
	}
	if m := r.median[0]; r.count != 1 || r.newest() != 59 || m < 26 || m > 34 {
		t.Errorf("%d buckets, highest %v, median of every fourth sample %v", r.count, r.newest(), m)
	}
	r.observe(5*3_600_000, 7)
	if r.count != 6 || r.newest() != 7 || r.highest[3] == r.highest[3] {
		t.Errorf("%d buckets, newest %v, the missing one %v", r.count, r.newest(), r.highest[3])
	}
	r.observe(2000*3_600_000, 8)
	if r.count != 1 {
		t.Errorf("%d buckets, want 1: all that was known is too old", r.count)
	}
}
