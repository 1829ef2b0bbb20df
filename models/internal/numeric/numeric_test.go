package numeric

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFloorDivAndModulo(t *testing.T) {
	for _, c := range []struct{ a, b, quotient, rest int64 }{
		{7, 3, 2, 1},
		{6, 3, 2, 0},
		{0, 3, 0, 0},
		{-1, 3, -1, 2},
		{-3, 3, -1, 0},
		{-7, 3, -3, 2},
		{math.MinInt64, 5, math.MinInt64/5 - 1, 2},
		{math.MaxInt64, 5, math.MaxInt64 / 5, 2},
	} {
		if q, r := FloorDiv(c.a, c.b), Modulo(c.a, c.b); q != c.quotient || r != c.rest {
			t.Errorf("%d by %d: got %d and %d, want %d and %d", c.a, c.b, q, r, c.quotient, c.rest)
		}
	}
}

func TestMeans(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		got  float64
		want float64
	}{
		{"median of none", Median(nil), nan},
		{"median of one", Median([]float64{3}), 3},
		{"median of an odd number", Median([]float64{9, 1, 3}), 3},
		{"median of an even number", Median([]float64{9, 1, 3, 4}), 3.5},
		{"median of the largest numbers", Median([]float64{math.MaxFloat64, math.MaxFloat64}), math.MaxFloat64},
		{"mean without the ends", Trimmed([]float64{100, 2, 4, -50}), 3},
		{"mean of what is there", Mean([]float64{nan, 2, 4}), 3},
		{"mean of nothing", Mean([]float64{nan}), nan},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestSort(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for n := range 30 {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Round(10 * random.NormFloat64())
		}
		want := slices.Clone(v)
		slices.Sort(want)
		if sort(v); !slices.Equal(v, want) {
			t.Errorf("%d values: got %v, want %v", n, v, want)
		}
	}
}
