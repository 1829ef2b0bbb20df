package demo

import (
	"math"
	"sort"
	"time"
)

// business gives how busy the company's customers are, 1 on average: two humps a day in local time, a slow night,
// quieter weekends.
func business(local time.Time) float64 {
	h := float64(local.Hour()) + float64(local.Minute())/60 + float64(local.Second())/3600
	day := 0.18 + 0.95*hump(h, 11, 3) + 1.25*hump(h, 19.5, 2.6) + 0.35*hump(h, 15, 3)
	switch local.Weekday() {
	case time.Saturday:
		return 1.17 * day * 0.8
	case time.Sunday:
		return 1.17 * day * 0.65
	default:
		return 1.17 * day
	}
}

// hump is a bell around an hour of the day, width hours wide, on the circle of 24 hours.
func hump(h, centre, width float64) float64 {
	d := math.Abs(h - centre)
	d = min(d, 24-d)
	return math.Exp(-d * d / (2 * width * width))
}

// cycles are moments at which something starts over: a rotation, a collection, a restart.
type cycles []float64

// newCycles gives cycles from before start to after end, one of them at anchor, each of the mean length (seconds)
// times 1 ± jitter.
func newCycles(n noise, start, end, anchor, mean, jitter float64) cycles {
	length := func(k int64) float64 { return mean * (1 + jitter*(2*n.uniform(k)-1)) }
	all := cycles{anchor}
	for t, k := anchor, int64(-1); t > start; k-- {
		t -= length(k)
		all = append(all, t)
	}
	for t, k := anchor, int64(1); t < end; k++ {
		t += length(k)
		all = append(all, t)
	}
	sort.Float64s(all)
	return all
}

// phase gives the number of the cycle that t lies in and how much of it is over, in [0, 1).
func (c cycles) phase(t float64) (k int, f float64) {
	i := sort.SearchFloat64s(c, t)
	if i < len(c) && c[i] == t {
		i++
	}
	i = min(max(i, 1), len(c)-1)
	return i, min(max((t-c[i-1])/(c[i]-c[i-1]), 0), 1)
}

// ramp rises from 0 at from to 1 at from + width and stays there.
func ramp(t, from, width float64) float64 { return min(max((t-from)/width, 0), 1) }

// episode rises within width to 1 at from, stays, and falls back within width after to.
func episode(t, from, to, width float64) float64 {
	return ramp(t, from, width) * (1 - ramp(t, to, width))
}
