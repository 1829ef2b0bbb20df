// Package interval has what is expected of one moment: one type, which forecasts, scores and what is kept of the past share.
package interval

import "math"

// Interval is what is expected of one moment, with the edges of its prediction interval; NaN, all three, where that is
// not known.
type Interval struct{ Mean, Lower, Upper float64 }

// Unknown returns the interval of a moment of which nothing is known.
func Unknown() Interval { return Interval{math.NaN(), math.NaN(), math.NaN()} }

// Known reports whether anything is.
func (i Interval) Known() bool { return i.Mean == i.Mean }

// Towards returns the interval at a share of the way from i to j; unknown where either is.
func (i Interval) Towards(j Interval, share float64) Interval {
	mix := func(a, b float64) float64 { return a*(1-share) + b*share }
	return Interval{mix(i.Mean, j.Mean), mix(i.Lower, j.Lower), mix(i.Upper, j.Upper)}.around()
}

// Tidy returns i with its mean inside, which widens it; unknown where it is not finite.
func (i Interval) Tidy() Interval {
	for _, v := range [...]float64{i.Mean, i.Lower, i.Upper} {
		if v-v != 0 {
			return Unknown()
		}
	}
	return i.around()
}

func (i Interval) around() Interval {
	i.Lower, i.Upper = min(i.Lower, i.Mean), max(i.Upper, i.Mean)
	return i
}
