package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

func TestRingRemembers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, next := range map[string]func(i int) float64{
		"noise":   func(int) float64 { return rnd.NormFloat64() },
		"offset":  func(int) float64 { return 1e15 + float64(rnd.IntN(100)) },
		"gaps":    func(i int) float64 { return []float64{1, math.NaN(), rnd.Float64()}[i%3] },
		"bursts":  func(i int) float64 { return float64(i%2) + 1e6*float64(numeric.OneIf(i%29 == 3)) },
		"extreme": func(int) float64 { return 1e300 * rnd.NormFloat64() },
	} {
		r := newRing(100)
		var all []float64
		first := int64(rnd.IntN(1000)) - 500
		for i := range 400 {
			v := next(i)
			r.push(first+int64(i), v)
			all = append(all, v)
			n := min(len(all), r.span())
			tail := make([]float64, n+3)
			r.tail(tail)
			for k := range n + 3 {
				want := math.NaN()
				if k < n {
					want = all[len(all)-1-k]
				}
				got := r.lag(k)
				if same := tail[n+2-k]; got != same && got == got {
					t.Fatalf("%s: lag %d is %v, in the tail %v", name, k, got, same)
				}
				lo, hi := want, want // the block's values lie within a block's length of here
				for j := max(0, len(all)-1-k-blockLen); j < min(len(all), len(all)-k+blockLen) && want == want; j++ {
					if all[j] == all[j] {
						lo, hi = min(lo, all[j]), max(hi, all[j])
					}
				}
				if (got != got) != (want != want) || math.Abs(got-want) > (hi-lo)/1024 {
					t.Fatalf("%s: lag %d: want %v, got %v", name, k, want, got)
				}
			}
		}
	}
}

// TestRingIsExact: small whole numbers, constants and a block's median come back as they were.
func TestRingIsExact(t *testing.T) {
	for name, value := range map[string]func(i int) float64{
		"whole":    func(i int) float64 { return float64(i * 7919 % 1000) },
		"constant": func(int) float64 { return 0.1 },
		"zeros":    func(i int) float64 { return float64(numeric.OneIf(i%20 == 0)) * 0.3e5 },
		"quarters": func(i int) float64 { return float64(i%50) / 4 },
	} {
		r := newRing(200)
		for i := range 200 {
			r.push(int64(i), value(i))
		}
		for k := range 200 {
			want := value(199 - k)
			if got := r.lag(k); got != want && !(name == "zeros" && want != 0) {
				t.Fatalf("%s: want %v, got %v", name, want, got)
			}
		}
	}
}

func TestRingSkips(t *testing.T) {
	r := newRing(100)
	r.push(5, 1)
	r.push(8, 2)
	for k, want := range []float64{2, math.NaN(), math.NaN(), 1, math.NaN()} {
		if got := r.lag(k); got != want && (got == got || want == want) {
			t.Errorf("lag %d: want %v, got %v", k, want, got)
		}
	}
	r.push(5_000_000_000, 3)
	if got := r.lag(0); got != 3 {
		t.Errorf("after a long gap: got %v", got)
	}
	if got := r.lag(1); got == got {
		t.Errorf("before a long gap: got %v", got)
	}
}
