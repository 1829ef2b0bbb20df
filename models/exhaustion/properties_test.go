package exhaustion_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// kinds are series of every sort that the model tells apart.
var kinds = map[string]func(r *rand.Rand) func(i int) float64{
	"steady":   func(*rand.Rand) func(int) float64 { return steady },
	"rotated":  func(*rand.Rand) func(int) float64 { return rotated },
	"constant": func(*rand.Rand) func(int) float64 { return func(int) float64 { return 7 } },
	"noise": func(r *rand.Rand) func(int) float64 {
		return func(int) float64 { return 50 + 5*r.NormFloat64() }
	},
	"bursts": func(r *rand.Rand) func(int) float64 {
		v := 0.0
		return func(int) float64 {
			if r.IntN(30) == 0 {
				v += r.ExpFloat64()
			}
			return v
		}
	},
	"walk": func(r *rand.Rand) func(int) float64 {
		v := 20.0
		return func(int) float64 {
			v += r.NormFloat64()
			return v
		}
	},
}

// options are a limit of one sample and one that must last.
var options = map[string]*exhaustion.Options{
	"sample":    days4,
	"sustained": {Sustained: 12 * time.Hour, Within: days4.Within},
	"falling":   {Falling: true, Within: days4.Within},
	"soon":      {Within: []time.Duration{2 * time.Hour, 14 * 24 * time.Hour}},
}

func eachKind(t *testing.T, f func(t *testing.T, o *exhaustion.Options, x []float64)) {
	t.Helper()
	for kind, draw := range kinds {
		for name, o := range options {
			t.Run(kind+"/"+name, func(t *testing.T) {
				value := draw(rand.New(rand.NewPCG(5, 6)))
				var x []float64
				for i := range 900 {
					x = append(x, value(i))
				}
				f(t, o, x)
			})
		}
	}
}

func TestLawsAreSoundAndMonotone(t *testing.T) {
	eachKind(t, func(t *testing.T, o *exhaustion.Options, x []float64) {
		t.Helper()
		m := exhaustion.New(hour, o)
		for i, v := range x {
			m.Observe(int64(i)*hour, v)
			if i%97 != 0 {
				continue
			}
			sign := 1.0
			if o.Falling {
				sign = -1
			}
			nearer := exhaustion.Assessment{Probability: []float64{1, 1}}
			for _, gap := range []float64{0, 0.01, 1, 5, 20, 100, 1e4} {
				a := assess(m, v+sign*gap)
				requireSound(t, a)
				for k := range a.Probability {
					that(t, a.Probability[k] <= nearer.Probability[k]+1e-9, "a limit further away is not likelier")
				}
				nearer = a
			}
		}
	})
}

func TestScaleAndShiftEquivariance(t *testing.T) {
	eachKind(t, func(t *testing.T, o *exhaustion.Options, x []float64) {
		t.Helper()
		const scale, shift = 1 << 20, 3 << 22
		a, b := exhaustion.New(hour, o), exhaustion.New(hour, o)
		for i, v := range x {
			a.Observe(int64(i)*hour, v)
			b.Observe(int64(i)*hour, scale*v+shift)
		}
		for _, gap := range []float64{-40, -3, 2, 15, 60} {
			limit := x[len(x)-1] + gap
			p, q := assess(a, limit), assess(b, scale*limit+shift)
			same(t, p.Reached, q.Reached)
			for k := range p.Probability {
				near(t, p.Probability[k], q.Probability[k], 1e-3)
			}
			for k := range p.Seconds {
				if math.IsInf(p.Seconds[k], 1) {
					same(t, p.Seconds[k], q.Seconds[k])
				} else {
					near(t, p.Seconds[k], q.Seconds[k], 0.01*p.Seconds[k]+60)
				}
			}
		}
	})
}

// What was asked before, and what is observed later, changes nothing; nor does a restart.
func TestCausalAndUndisturbed(t *testing.T) {
	eachKind(t, func(t *testing.T, o *exhaustion.Options, x []float64) {
		t.Helper()
		asked, quiet := exhaustion.New(10*minute, o), exhaustion.New(10*minute, o)
		for i, v := range x {
			asked.Observe(int64(i)*10*minute, v)
			quiet.Observe(int64(i)*10*minute, v)
			assess(asked, 60)
			if i == 500 {
				state, err := asked.AppendBinary(nil)
				that(t, err == nil, "%v", err)
				asked = exhaustion.New(10*minute, o)
				that(t, asked.UnmarshalBinary(state) == nil, "an error")
			}
		}
		for _, limit := range []float64{-60, 0, 55, 70, 2000} {
			same(t, assess(quiet, limit), assess(asked, limit))
		}
	})
}

func FuzzObserve(f *testing.F) {
	f.Add(int64(1), 1.0, 2.0, 3.0, 24.0, false)
	f.Add(int64(9), 1e300, -1e300, 0.0, 0.0, true)
	f.Fuzz(func(t *testing.T, seed int64, level, rise, noise, sustained float64, falling bool) {
		o := &exhaustion.Options{Falling: falling, Within: days4.Within}
		if sustained > 0 && sustained < 400 {
			o.Sustained = time.Duration(sustained * float64(time.Hour))
		}
		m := exhaustion.New(hour, o)
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		at := int64(0)
		for i := range 200 {
			at += r.Int64N(3*hour) - hour/2
			m.Observe(at, level+rise*float64(i)+noise*r.NormFloat64())
			if i%20 == 0 {
				requireSound(t, assess(m, level+rise*400))
			}
		}
	})
}
