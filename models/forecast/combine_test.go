package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCombine(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		f, w []float64
		want float64
	}{
		{"one", []float64{3}, []float64{2}, 3},
		{"two alike", []float64{1, 3}, []float64{1, 1}, 2},
		{"heavy", []float64{1, 3, 9}, []float64{1, 1, 1000}, 9},
		{"missing", []float64{nan, 4, nan}, []float64{9, 1, 9}, 4},
		{"no weight", []float64{7, 4}, []float64{0, 1}, 4},
		{"middle", []float64{5, 1, 9}, []float64{1, 1, 1}, 5},
	} {
		if got, _ := combine(c.f, c.w); math.Abs(got-c.want) > 0.02*math.Abs(c.want) {
			t.Errorf("%s: want %v, got %v", c.name, c.want, got)
		}
	}
	if got, _ := combine([]float64{nan}, []float64{1}); got == got {
		t.Errorf("nothing to combine: got %v", got)
	}
}

// TestCombineProperties: the combination lies among its members, whatever their order, and moves with them.
func TestCombineProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		n := 1 + rnd.IntN(maxPool)
		f, w := make([]float64, n), make([]float64, n)
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := range f {
			f[i], w[i] = rnd.NormFloat64(), math.Exp(3*rnd.NormFloat64())
			lo, hi = min(lo, f[i]), max(hi, f[i])
		}
		c, s := combine(f, w)
		if c < lo || c > hi || s < 0 {
			t.Fatalf("%v with %v: got %v, %v", f, w, c, s)
		}
		p := rnd.Perm(n)
		g, v := make([]float64, n), make([]float64, n)
		for i, j := range p {
			g[i], v[i] = 8*f[j]+64, w[j]
		}
		if d, r := combine(g, v); math.Abs(d-8*c-64) > 1e-9 || math.Abs(r-8*s) > 1e-9 {
			t.Fatalf("want %v and %v, got %v and %v", 8*c+64, 8*s, d, r)
		}
	}
}

// TestTableKeepsScores: weights from the table are those from the scores it was made of.
func TestTableKeepsScores(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 1))
	s := &scores{n: 5}
	for range 800 {
		f := make([]float64, 5)
		for i := range f {
			f[i] = float64(i+1) * rnd.NormFloat64()
		}
		f[4] = math.NaN()
		s.add(f, 0, rnd.IntN(numBuckets), rnd.IntN(numSlots), 1)
	}
	table := s.memberErrors(nil)
	for bucket := range numBuckets {
		for slot := range numSlots {
			var want, got [5]float64
			s.weigh(want[:], bucket, slot)
			table.weigh(got[:], bucket, slot)
			for i := range want {
				if math.Abs(got[i]-want[i]) > 0.01*want[i] {
					t.Fatalf("bucket %d slot %d: want %v, got %v", bucket, slot, want, got)
				}
			}
			if want[4] != 0 || want[0] < want[3] {
				t.Fatalf("bucket %d slot %d: %v", bucket, slot, want)
			}
		}
	}
}
