package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// TestShortHistories: from a day on, intervals hold and forecasts follow the day; below, the status says too short.
func TestShortHistories(t *testing.T) {
	for _, c := range []struct {
		step  time.Duration
		days  float64
		want  Status
		holds float64
	}{
		{5 * time.Minute, 0.2, TooShort, 0},
		{5 * time.Minute, 1.1, OK, 0.88},
		{5 * time.Minute, 2, OK, 0.88},
		{5 * time.Minute, 3.4, OK, 0.88},
		{5 * time.Minute, 4, OK, 0.85},
		{time.Hour, 0.9, TooShort, 0},
		{time.Hour, 2, OK, 0.8},
		{time.Hour, 5, OK, 0.85},
		{time.Minute, 1.1, OK, 0.8},
		{time.Minute, 3, OK, 0.85},
	} {
		perDay := int(24 * time.Hour / c.step)
		in, n := 0, 0
		for seed := range uint64(12) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			phase := rnd.Float64()
			o := &Options{Step: c.step.Milliseconds(), Level: 0.95}
			at := func(i int) float64 {
				return 20 + 5*math.Sin(2*math.Pi*(phase+float64(i)/float64(perDay))) + rnd.NormFloat64()
			}
			k := int(c.days * float64(perDay))
			var v []float64
			for i := range k + perDay {
				v = append(v, at(i))
			}
			m := fitted(o, v[:k])
			if got := m.Info().Status; got != c.want {
				t.Errorf("%s, %v days: want status %d, got %d", c.step, c.days, c.want, got)
				break
			}
			for l := 1; l <= perDay; l += max(1, perDay/24) {
				f := m.Forecast(nil, leadsOf(o.Step, l), []float64{0.95})[0]
				y := v[k-1+l]
				in += numeric.OneIf(f.Lower[0] <= y && y <= f.Upper[0])
				n++
			}
		}
		if got := float64(in) / float64(n); c.want == OK && got < c.holds {
			t.Errorf("%s, %v days: intervals of 0.95 hold %.3f, want %.2f", c.step, c.days, got, c.holds)
		}
	}
}
