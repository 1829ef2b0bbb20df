package forecast

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// shapes are the series that tests run over: value i of a series with perDay samples a day.
var shapes = map[string]func(rnd *rand.Rand, i, perDay int) float64{
	"daily": func(rnd *rand.Rand, i, perDay int) float64 {
		return 100 + 30*math.Sin(2*math.Pi*float64(i)/float64(perDay)) + 3*rnd.NormFloat64()
	},
	"noise":           func(rnd *rand.Rand, _, _ int) float64 { return rnd.NormFloat64() },
	"constant":        func(*rand.Rand, int, int) float64 { return 7.25 },
	"zero":            func(*rand.Rand, int, int) float64 { return 0 },
	"nearly constant": func(rnd *rand.Rand, _, _ int) float64 { return 5 + 1e-9*rnd.NormFloat64() },
	"bursts": func(rnd *rand.Rand, _, _ int) float64 {
		if rnd.Float64() < 0.02 {
			return 1000 * rnd.ExpFloat64()
		}
		return 0
	},
	"steps":       func(_ *rand.Rand, i, perDay int) float64 { return float64(i / (perDay/4 + 1) * 17) },
	"huge offset": func(rnd *rand.Rand, _, _ int) float64 { return 1e15 + 10*rnd.NormFloat64() },
	"huge":        func(rnd *rand.Rand, _, _ int) float64 { return 1e300 * rnd.NormFloat64() },
	"largest": func(rnd *rand.Rand, _, _ int) float64 {
		return math.MaxFloat64 * (rnd.Float64()*2 - 1)
	},
	"tiny": func(rnd *rand.Rand, _, _ int) float64 { return 1e-310 * rnd.Float64() },
	"two regimes": func(rnd *rand.Rand, i, perDay int) float64 {
		return float64(i/(9*perDay))*1e6 + rnd.NormFloat64()
	},
	"gaps": func(rnd *rand.Rand, i, perDay int) float64 {
		if i%perDay > perDay/3 || rnd.Float64() < 0.3 {
			return math.NaN()
		}
		return float64(i % 5)
	},
	"missing": func(*rand.Rand, int, int) float64 { return math.NaN() },
	"infinite": func(rnd *rand.Rand, i, _ int) float64 {
		return []float64{1, math.Inf(1), rnd.Float64(), math.Inf(-1)}[i%4]
	},
	"one":  func(_ *rand.Rand, i, _ int) float64 { return []float64{math.NaN(), 3}[numeric.OneIf(i == 11)] },
	"walk": walk(),
}

func walk() func(*rand.Rand, int, int) float64 {
	level := 0.0
	return func(rnd *rand.Rand, i, _ int) float64 {
		if i == 0 {
			level = 0
		}
		level += rnd.NormFloat64()
		return level
	}
}

const start = 1_700_000_000_000

// make1 makes n values of a shape.
func make1(shape string, seed uint64, n, perDay int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = shapes[shape](rnd, i, perDay)
	}
	return v
}

// feed observes values at the options' step and returns the time after the last.
func feed(m *Model, from int64, v []float64) int64 {
	for i, x := range v {
		m.Observe(from+int64(i)*m.options.Step, x, false)
	}
	return from + int64(len(v))*m.options.Step
}

func fitted(o *Options, v []float64) *Model {
	m := New(o)
	feed(m, start/o.Step*o.Step, v)
	m.Refit()
	return m
}

func leadsOf(step int64, n ...int) []time.Duration {
	var l []time.Duration
	for _, i := range n {
		l = append(l, time.Duration(i)*time.Duration(step)*time.Millisecond)
	}
	return l
}
