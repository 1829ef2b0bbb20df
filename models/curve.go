package models

import (
	"time"

	"github.com/foresight-exporter/foresight/models/interval"
)

// Point is what is, or was, expected of one moment (Unix milliseconds), with the interval at Options.Level.
type Point struct {
	T int64
	interval.Interval
}

// Curve appends to dst what is expected of each multiple of step (milliseconds) in [from, to], in the order of time:
// up to [Forecaster.End] as it was expected then, after it as forecast now, interpolated between the moments of the
// series' own grid. Moments of which nothing is known are left out; after End all is known once a fit was made.
func (f *Forecaster) Curve(dst []Point, from, to, step int64) []Point {
	end := f.End()
	if end == 0 || step <= 0 {
		return dst
	}
	if f.past != nil {
		f.past.Each(from, min(to, end), step, func(t int64, v interval.Interval) {
			dst = append(dst, Point{t, v})
		})
	}
	first := max(from, end+1)
	first += (step - first%step) % step
	if first > to {
		return dst
	}
	own := f.options.Step.Milliseconds()
	leads := make([]time.Duration, 0, min((to-first)/step+2, (to-end)/own+2))
	need := func(k int64) {
		if lead := time.Duration(k*own) * time.Millisecond; k > 0 && (len(leads) == 0 || leads[len(leads)-1] < lead) {
			leads = append(leads, lead)
		}
	}
	for t := first; t <= to; t += step {
		need((t - end) / own)
		need((t - end + own - 1) / own)
	}
	forecasts := make([]Forecast, len(leads)) // thousands, so their edges share memory
	edges := make([]float64, 2*len(leads))
	for i := range forecasts {
		forecasts[i].Lower, forecasts[i].Upper = edges[2*i:2*i+1:2*i+1], edges[2*i+1:2*i+2:2*i+2]
	}
	forecasts = f.model.Forecast(forecasts, leads, []float64{f.options.Level})
	if len(forecasts) == 0 {
		return dst
	}
	point := func(i int) Point {
		p := forecasts[i]
		return Point{end + p.Lead.Milliseconds(), interval.Interval{Mean: p.Mean, Lower: p.Lower[0], Upper: p.Upper[0]}}
	}
	left, right := f.now(end, point(0)), point(0)
	next := 1
	for t := first; t <= to; t += step {
		for right.T < t {
			left, right = right, point(next)
			next++
		}
		share := float64(t-left.T) / float64(right.T-left.T)
		dst = append(dst, Point{t, left.Towards(right.Interval, share)})
	}
	return dst
}

// now is what was expected of the newest moment, or, where that is not known, what is expected next.
func (f *Forecaster) now(end int64, next Point) Point {
	next.T = end
	if f.past != nil {
		if v, ok := f.past.At(end); ok {
			return Point{end, v}
		}
	}
	return next
}
