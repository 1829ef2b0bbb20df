package forecast

import (
	"math"
	"slices"
)

// offsets is how far below and above the centre an interval reaches at one lead.
type offsets struct {
	lead         int
	lower, upper []float64
	bias         float64 // of the centre
}

// offsetsAt fills k with how far below and above the centre intervals reach l medium steps ahead.
func (s *workspace) offsetsAt(k *offsets, l int, levels []float64) {
	k.lead = l
	n := len(levels)
	k.lower, k.upper = slices.Grow(k.lower[:0], n)[:n], slices.Grow(k.upper[:0], n)[:n]
	f := &s.m.fit
	centre, spread := s.centre(l)
	k.bias = f.conformal.interval(k.lower, k.upper, levels, centre, spread, l, bucketOf(l, f.perHour), s.w.slotAt(l))
	wide := s.m.tracker.width(l > f.perHour)
	for i := range levels {
		k.lower[i], k.upper[i] = wide*(k.lower[i]-centre), wide*(k.upper[i]-centre)
	}
}

// intervalAt fills lower and upper with the interval around centre u medium steps ahead, and returns the centre without its
// bias. Up to a coarse step every medium
// lead has its own, beyond every coarse step; between them edges are interpolated.
func (s *workspace) intervalAt(lower, upper []float64, levels []float64, centre, u float64) float64 {
	gap := 1.0
	if k := float64(s.m.fit.perHour); u > k {
		gap = k
	}
	n := math.Floor(u / gap)
	part := u/gap - n
	a, b := &s.offsets[0], &s.offsets[1]
	if l := int(n * gap); a.lead != l {
		if b.lead == l {
			*a, *b = *b, *a
		} else {
			s.offsetsAt(a, l, levels)
		}
	}
	if part == 0 {
		b = a
	} else if l := int((n + 1) * gap); b.lead != l {
		s.offsetsAt(b, l, levels)
	}
	_, doubt := s.m.eventBack(-int(u))
	moved := s.ensemble.clamp(centre+a.bias+part*(b.bias-a.bias), int(u))
	for i, level := range levels {
		lo, hi := widen(a.lower[i]+part*(b.lower[i]-a.lower[i]), a.upper[i]+part*(b.upper[i]-a.upper[i]), doubt, level)
		lower[i], upper[i] = s.inside(min(moved, s.ensemble.clamp(centre+lo, int(u))), moved, max(moved, s.ensemble.clamp(centre+hi, int(u))))
	}
	return moved
}

// inside returns the edges of an interval moved so that the mean is no edge of it while it has width, unless at a bound
// of the values.
func (s *workspace) inside(lower, mean, upper float64) (low, high float64) {
	low = max(s.w.least, min(lower, mean-leastSide*(upper-mean)))
	high = min(s.w.most, max(upper, mean+leastSide*(mean-lower)))
	return min(low, mean), max(high, mean)
}

// widen adds an independent normal error to an interval's distances from its centre.
func widen(lower, upper, deviation, level float64) (below, above float64) {
	if deviation == 0 {
		return lower, upper
	}
	d := deviation * math.Sqrt2 * math.Erfinv(level)
	return -math.Hypot(lower, d), math.Hypot(upper, d)
}

// value returns what y stands for, inside the bounds also after rounding.
func (m *Model) value(y float64) float64 {
	return m.inBounds(max(-math.MaxFloat64, min(m.fit.scale.out(y), math.MaxFloat64)))
}
