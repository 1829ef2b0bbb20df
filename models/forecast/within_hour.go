package forecast

import (
	"math"
)

// between reads a coarse path at a fine lead: a coarse value stands in the middle of its samples.
func (v *ensemble) betweenHours(path []float64, lead int) float64 {
	u := (float64(lead) + float64(v.perHour-1)/2) / float64(v.perHour)
	h := int(u)
	a := v.hourly[v.cutoff.hourly]
	if h > 0 {
		a = path[h-1]
	}
	return a + (u-float64(h))*(path[h]-a)
}

// inside gives what the sample at a lead has beyond its hours: the median of what those at that moment of the last
// seasons had, shrunk where they do not agree.
func (v *ensemble) withinHour(lead int) float64 {
	s := v.period * v.perHour
	if s == 0 {
		return 0
	}
	var d [insidePast]float64
	n := 0
	for i := v.cutoff.fine + lead - s*((lead+s-1)/s); n < insidePast && i >= v.first; i -= s {
		y := v.beyondHour(i)
		if y != y {
			break
		}
		d[n] = y
		n++
	}
	if n == 0 {
		return 0
	}
	y := median(d[:n])
	for i := range d[:n] {
		d[i] = math.Abs(d[i] - y)
	}
	e := madToError * median(d[:n])
	if e *= e / float64(n); y*y+e > 0 {
		return y * (y * y / (y*y + e))
	}
	return 0
}

// beyond gives what fine value i has beyond the line through the middles of its hours; NaN before the first hour.
func (v *ensemble) beyondHour(i int) float64 {
	last := v.cutoff.hourly
	u := min(float64(last)+(float64(i-v.cutoff.fine)+float64(v.perHour-1)/2)/float64(v.perHour), float64(last))
	if u < 0 {
		return math.NaN()
	}
	c := int(u)
	z := v.hourly[c]
	if c < last {
		z += (u - float64(c)) * (v.hourly[c+1] - z)
	}
	return v.fine[i] - z
}
