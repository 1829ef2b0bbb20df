package forecast

import (
	"math"
	"slices"
)

// scale maps values to numbers of the order of 1, so that squares neither overflow nor drown: y = (v - base) / unit.
type scale struct {
	base, unit  float64
	low, high   float64 // range of forecasts, in y, but for growth
	least, most float64 // bounds of the values, in y; infinite where there are none
	same        bool    // all values are one
	bendAt      float64 // s of the second scale asinh(y/s)
	plainAffine affine  // makes y standard
	bentAffine  affine  // makes asinh(y/s) standard
}

// affine maps a to (a - mean) / deviation.
type affine struct{ mean, deviation float64 }

func (a affine) in(v float64) float64 { return (v - a.mean) / a.deviation }

func (a affine) out(v float64) float64 { return v*a.deviation + a.mean }

// standard fits an affine to values; one that changes nothing where they are all the same.
func standard(v []float64) affine {
	var a affine
	for _, x := range v {
		a.mean += x / float64(len(v))
	}
	for _, x := range v {
		a.deviation += (x - a.mean) * (x - a.mean) / float64(len(v))
	}
	if a.deviation = math.Sqrt(a.deviation); !(a.deviation > 1e-12) {
		a.deviation = 1
	}
	return a
}

// part is the share of itself as which a value is remembered, so that sums and differences of the largest do not overflow.
const part = 1. / 256

// in returns a value on the scale.
func (s *scale) in(v float64) float64 { return s.inKept(v * part) }

// out is the reverse of in; where that is too large, it is infinite.
func (s *scale) out(y float64) float64 { return (y*s.unit + s.base) / part }

// inKept returns what in does of a value as it is remembered.
func (s *scale) inKept(v float64) float64 {
	return max(-farthest, min((v-s.base)/s.unit, farthest))
}

func (s *scale) bent(y float64) float64 { return s.bentAffine.in(asinh(y / s.bendAt)) }

func (s *scale) unbend(q float64) float64 {
	return s.clamp(s.bendAt * math.Sinh(max(-50, min(s.bentAffine.out(q), 50))))
}

// unbendFree is unbend without the range.
func (s *scale) unbendFree(q float64) float64 {
	return s.bendAt * math.Sinh(max(-50, min(s.bentAffine.out(q), 50)))
}

func (s *scale) clamp(y float64) float64 { return max(s.low, min(y, s.high)) }

func asinh(x float64) float64 {
	a := math.Abs(x)
	if a < 1e-3 {
		return x
	}
	return math.Copysign(math.Log(a+math.Sqrt(a*a+1)), x)
}

// newScale fits a scale to finite values, at least one, which it sorts.
func newScale(v []float64, o *Options) scale {
	slices.Sort(v)
	lo, hi := v[0], v[len(v)-1]
	s := scale{unit: hi - lo}
	if s.unit == 0 {
		s.same = true
		if s.unit = math.Abs(lo); s.unit == 0 {
			s.unit = 1
		}
	}
	if math.Abs(v[len(v)/2]) > 10*s.unit {
		s.base = lo
	}
	for i, x := range v {
		v[i] = math.Abs(s.inKept(x))
	}
	y0, y1 := s.inKept(lo), s.inKept(hi)
	slices.Sort(v)
	s.bendAt = 0.2 * v[len(v)/2]
	if s.bendAt == 0 {
		for _, y := range v {
			s.bendAt += 0.2 * y / float64(len(v))
		}
	}
	if s.bendAt = max(s.bendAt, leastBend); s.same {
		s.bendAt = 1
	}
	r := margin * (y1 - y0)
	s.low, s.high = y0-r, y1+r
	s.least, s.most = math.Inf(-1), math.Inf(1)
	if lo >= -(hi-lo)/packed { // a zero beside large values comes back as little more or less
		s.least = s.in(0)
	}
	if o.Minimum != nil {
		s.least = max(s.least, s.in(*o.Minimum))
	}
	if o.Maximum != nil {
		s.most = s.in(*o.Maximum)
	}
	s.low, s.high = max(s.low, s.least), min(s.high, s.most)
	s.low, s.high = min(s.low, s.high), max(s.low, s.high)
	return s
}

// below reports whether the values are smaller than a bound, so that sums of some of them stay finite.
func (s *scale) below(bound float64) bool { return math.Abs(s.base)+s.unit < bound }
