package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// withinHour returns what the sample at a lead has beyond its hours: the median of what those at that moment of the last
// seasons had, shrunk where they do not agree.
func (e *ensemble) withinHour(lead int) float64 {
	if e.insideAt != lead {
		e.insideAt, e.inside = lead, e.insideOf(lead)
	}
	return e.inside
}

func (e *ensemble) insideOf(lead int) float64 {
	s := e.period * e.perHour
	if s == 0 {
		return 0
	}
	var d [insidePast]float64
	n := 0
	for i := e.seasonBefore(lead); n < insidePast && i >= e.first; i -= s {
		y := e.beyondHour(i)
		if y != y {
			break
		}
		d[n] = y
		n++
	}
	if n == 0 {
		return 0
	}
	y := numeric.Median(d[:n])
	for i := range d[:n] {
		d[i] = math.Abs(d[i] - y)
	}
	noise := madToError * numeric.Median(d[:n])
	if noise *= noise / float64(n); y*y+noise > 0 {
		return y * (y * y / (y*y + noise))
	}
	return 0
}

// beyondHour returns what fine value i has beyond the line through the middles of its hours; NaN before the first hour.
func (e *ensemble) beyondHour(i int) float64 {
	last := e.cutoff.hourly
	u := min(float64(last)+(float64(i-e.cutoff.fine)+float64(e.perHour-1)/2)/float64(e.perHour), float64(last))
	if u < 0 {
		return math.NaN()
	}
	c := int(u)
	z := e.hourly[c]
	if c < last {
		z += (u - float64(c)) * (e.hourly[c+1] - z)
	}
	return e.fine[i] - z
}
