package forecast

import (
	"math"
)

// knot is how far below and above the centre an interval reaches at one lead.
type offsets struct {
	lead         int
	lower, upper []float64
	bias         float64 // of the centre
}

// offsets fills a knot at l medium steps.
func (s *workspace) offsetsAt(k *offsets, l int, levels []float64) {
	k.lead = l
	k.lower, k.upper = resize(k.lower, len(levels)), resize(k.upper, len(levels))
	f := &s.m.fit
	centre, spread := s.centre(l)
	k.bias = f.conformal.interval(k.lower, k.upper, levels, centre, spread, l, bucketOf(l, f.perHour), s.w.slotAt(l))
	wide := s.m.tracker.width(l > f.perHour)
	for i := range levels {
		k.lower[i], k.upper[i] = wide*(k.lower[i]-centre), wide*(k.upper[i]-centre)
	}
}

// edgesAt fills lower and upper with the interval around centre u medium steps ahead, and returns the centre without its
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
	moved := s.ensemble.clamp(centre+a.bias+part*(b.bias-a.bias), int(u))
	for i := range levels {
		lo := a.lower[i] + part*(b.lower[i]-a.lower[i])
		hi := a.upper[i] + part*(b.upper[i]-a.upper[i])
		lower[i], upper[i] = min(moved, s.ensemble.clamp(centre+lo, int(u))), max(moved, s.ensemble.clamp(centre+hi, int(u)))
	}
	return moved
}

// value gives what y stands for, inside the bounds also after rounding.
func (m *Model) value(y float64) float64 {
	v := m.fit.scale.out(y)
	if o := m.options; o.Minimum != nil {
		v = max(v, *o.Minimum)
	}
	if o := m.options; o.Maximum != nil {
		v = min(v, *o.Maximum)
	}
	return v
}
