package forecast

import (
	"math"
	"slices"
)

// fillGaps replaces what is missing by the value a long season before, or a short one where there is no longer one or where
// the short one was nearer by far of late, as after a level shift; else by the last. Where a series goes one way, it goes on
// in a gap.
func fillGaps(x []float64, seen []bool, long, short int) {
	first := slices.Index(seen, true)
	if first < 0 {
		clear(x)
		return
	}
	var byLong, byShort float64 // how far the seasons were off of late
	keep := 1 - 1/float64(max(short, 1))
	shorter := moves{keep: 1 - 1/float64(max(driftSeasons*short, 1))}
	longer := shorter
	for i := range x {
		switch {
		case seen[i]:
			if short > 0 && i-short >= first {
				shorter.add(x[i] - x[i-short])
			}
			if short > 0 && long > 0 && i-long >= first {
				longer.add(x[i] - x[i-long])
				byLong = keep*byLong + math.Abs(x[i]-x[i-long])
				byShort = keep*byShort + math.Abs(x[i]-x[i-short])
			}
		case i < first:
			x[i] = x[first]
		case long > 0 && i-long >= first && byLong <= shifted*byShort:
			x[i] = x[i-long] + longer.mean()
		case short > 0 && i-short >= first:
			x[i] = x[i-short] + shorter.mean()
		default:
			x[i] = x[i-1]
		}
	}
}

// moves are how a series moves from one season to the next: the mean of late, where it is most of what they are, as on a
// line; else nothing.
type moves struct{ keep, sum, square, n float64 }

func (d *moves) add(v float64) {
	d.sum, d.square, d.n = d.keep*d.sum+v, d.keep*d.square+v*v, d.keep*d.n+1
}

func (d *moves) mean() float64 {
	if !(d.sum*d.sum > oneWay*d.square*d.n) {
		return 0
	}
	return d.sum / d.n
}

func present(v []float64) []bool {
	s := make([]bool, len(v))
	for i, x := range v {
		s[i] = x == x
	}
	return s
}

func markPresent(seen []bool, v []float64) {
	for i, x := range v {
		seen[i] = x == x
	}
}
