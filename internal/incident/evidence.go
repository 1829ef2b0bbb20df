package incident

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

const (
	window     = 5   // moments in which an incident shows: some minutes at the usual steps
	local      = 30  // moments before them that tell the level it began from: slow drifts are no evidence
	leastLocal = 5   // of these with a sample
	leastPast  = 12  // samples from which something is known of a series
	episode    = 10  // moments that one incident of the past lasts; it counts once in what is usual, ...
	unusual    = .9  // ... and is outside of what this share of all episodes reaches
	noise      = 3   // scales that any series may be off its level
	granule    = .02 // of a series' usual size, below which no change matters
	farthest   = 16  // times the usual extreme that more evidence is not had from
	seldom     = 3   // the same of a series that hardly ever moves: its first move is not yet a fault
	wrongWay   = .5  // weight of a deviation to the good side
)

// Evidence is how far a series is outside of what it usually does: 0 at its level, 1 at its usual extreme, one more for
// each doubling, about 4 at most.
type Evidence struct {
	Score         float64
	Up            bool
	Onset         int     // grid index at which it left its usual range; of the strongest moment where it did not
	Before, After float64 // its level before, and the mean of the two most deviating samples of the last moments
}

// Excess returns by how much the level changed.
func (e *Evidence) Excess() float64 { return math.Abs(e.After - e.Before) }

// usual is what is known of a series: the scale of its values around their median, and how many scales its episodes
// usually reach. The zero usual knows nothing.
type usual struct {
	scale, extreme float64
	still          bool // more than half of its samples are alike
}

// learn returns what is usual in the values, of which the last window is left out. buf is memory to work in.
func learn(values, buf []float64) usual {
	past := present(buf[:0], values[:max(0, len(values)-window)])
	if len(past) < leastPast {
		return usual{}
	}
	size := 0.
	for _, v := range past {
		size += math.Abs(v) / float64(len(past))
	}
	sorted := slices.Clone(past)
	slices.Sort(sorted)
	middle := stat.Quantile(.5, stat.LinInterp, sorted, nil)
	off := make([]float64, len(past))
	mean := 0.
	for i, v := range past {
		off[i] = math.Abs(v - middle)
		mean += off[i] / float64(len(past))
	}
	copy(sorted, off)
	slices.Sort(sorted)
	deviation := 1.4826 * stat.Quantile(.5, stat.LinInterp, sorted, nil)
	u := usual{scale: max(deviation, granule*size), still: deviation == 0}
	if u.scale == 0 {
		u.scale = max(mean, 1e-12) // all zero: any change is one
	}
	var peaks []float64
	for i := len(off); i >= episode; i -= episode {
		peaks = append(peaks, slices.Max(off[i-episode:i])/u.scale)
	}
	if len(peaks) == 0 {
		peaks = append(peaks, slices.Max(off)/u.scale)
	}
	slices.Sort(peaks)
	share := unusual
	if u.still {
		share = 1
	}
	u.extreme = max(noise, stat.Quantile(share, stat.LinInterp, peaks, nil))
	return u
}

// evidence returns what the window of values that ends before index end shows. It reports false where too little is
// known.
func (u usual) evidence(values []float64, end int, bad Direction) (Evidence, bool) {
	begin := end - window
	if u.scale == 0 || begin < 0 {
		return Evidence{}, false
	}
	var buf [3 * local]float64
	before := present(buf[:0], values[max(0, begin-3*local):begin])
	before = before[max(0, len(before)-local):]
	if len(before) < leastLocal {
		return Evidence{}, false
	}
	slices.Sort(before)
	level := stat.Quantile(.5, stat.LinInterp, before, nil)
	var now [window]float64
	last := present(now[:0], values[begin:end])
	if len(last) == 0 {
		return Evidence{}, false
	}
	slices.Sort(last)
	two := min(2, len(last))
	high, low := stat.Mean(last[len(last)-two:], nil), stat.Mean(last[:two], nil)
	up, down := u.of(high-level), u.of(level-low)
	switch bad {
	case Up:
		down *= wrongWay
	case Down:
		up *= wrongWay
	}
	e := Evidence{Score: up, Up: true, Before: level, After: high}
	if down > up {
		e = Evidence{Score: down, Before: level, After: low}
	}
	e.Onset = u.onset(values, begin, end, level, e.Up)
	return e, true
}

// of returns the evidence of a deviation.
func (u usual) of(deviation float64) float64 {
	most := float64(farthest)
	if u.still {
		most = seldom
	}
	return math.Log2(1 + min(max(deviation, 0)/u.scale/u.extreme, most))
}

// onset returns when the values left their usual range for good: they were half of the way to their usual extreme off
// the level from then on, missing ones left out; where they are not now, the moment of the largest deviation.
func (u usual) onset(values []float64, begin, end int, level float64, up bool) int {
	off := func(i int) float64 {
		if up {
			return values[i] - level
		}
		return level - values[i]
	}
	strongest := -1
	for i := begin; i < end; i++ {
		if !math.IsNaN(values[i]) && (strongest < 0 || off(i) > off(strongest)) {
			strongest = i
		}
	}
	first := strongest
	for i := strongest - 1; i >= max(0, begin-local); i-- {
		if math.IsNaN(values[i]) {
			continue
		}
		if off(i) < u.scale*u.extreme/2 {
			break
		}
		first = i
	}
	return first
}
