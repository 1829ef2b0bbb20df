package forecast

import (
	"math"
	"slices"
	"time"
)

// grids are the spacings a series is seen at: its step; medium, about five minutes, over the last week; coarse, about an
// hour, over the last weeks. Where the step is as long as one of them they are the same.
type grids struct {
	step       int64 // milliseconds
	perMedium  int   // steps in a medium one
	perHour    int   // medium steps in a coarse one
	fineSize   int   // remembered of each
	mediumSize int
	hourlySize int
}

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = 60 * minute
	day    = 24 * hour

	fineSize   = 2016
	hourlySize = 672
	longSize   = 1680 // where the step is an hour or more
)

func newGrids(step int64) grids {
	if step >= 45*minute {
		return grids{step: step, perMedium: 1, perHour: 1, fineSize: longSize}
	}
	steps := int((hour + step/2) / step) // in a coarse one
	for d := range steps / 4 {           // so that a day is whole, where that is near
		if day%(step*int64(steps+d)) == 0 {
			steps += d
			break
		}
		if day%(step*int64(steps-d)) == 0 {
			steps -= d
			break
		}
	}
	g := grids{step: step, perMedium: 1, perHour: steps, hourlySize: hourlySize}
	for r := 1; r <= steps/4; r++ { // the divisor that comes nearest to five minutes
		if steps%r == 0 && math.Abs(math.Log(float64(int64(r)*step)/float64(5*minute))) < math.Abs(math.Log(float64(int64(g.perMedium)*step)/float64(5*minute))) {
			g.perMedium, g.perHour = r, steps/r
		}
	}
	g.fineSize = min(fineSize, hourlySize*g.perHour)
	if g.perMedium > 1 {
		g.fineSize, g.mediumSize = fineSize, min(fineSize, 7*24*g.perHour)
	}
	return g
}

func (g *grids) mediumStep() int64 { return g.step * int64(g.perMedium) }
func (g *grids) coarseStep() int64 { return g.step * int64(g.perMedium*g.perHour) }

// perDay is how many medium steps a day has, at least 1.
func (g *grids) perDay() int { return int(max(1, day/g.mediumStep())) }

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

func (a affine) in(v float64) float64  { return (v - a.mean) / a.deviation }
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

// farthest is the largest scaled value: values that a later fit would scale otherwise stay finite until then.
const farthest = 1e15

func (s *scale) in(v float64) float64 {
	return max(-farthest, min((v-s.base)/s.unit, farthest))
}

func (s *scale) out(y float64) float64  { return y*s.unit + s.base }
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

// leastBend keeps values that are tiny beside the range from spreading the second scale without end.
const leastBend = 1e-9

// margin is how far beyond the values seen a forecast may go, as a share of their range.
const margin = 0.3

// packed is how many parts of their range remembered values are told apart by.
const packed = 2048

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
		v[i] = math.Abs(s.in(x))
	}
	y0, y1 := s.in(lo), s.in(hi)
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

// fill replaces what is missing by the value a long season before, or a short one where there is no longer one or where
// the short one was nearer by far of late, as after a level shift; else by the last.
func fillGaps(x []float64, seen []bool, long, short int) {
	first := slices.Index(seen, true)
	if first < 0 {
		clear(x)
		return
	}
	var byLong, byShort float64 // how far the seasons were off of late
	keep := 1 - 1/float64(max(short, 1))
	for i := range x {
		switch {
		case seen[i]:
			if short > 0 && long > 0 && i-long >= first {
				byLong = keep*byLong + math.Abs(x[i]-x[i-long])
				byShort = keep*byShort + math.Abs(x[i]-x[i-short])
			}
		case i < first:
			x[i] = x[first]
		case long > 0 && i-long >= first && byLong <= shifted*byShort:
			x[i] = x[i-long]
		case short > 0 && i-short >= first:
			x[i] = x[i-short]
		default:
			x[i] = x[i-1]
		}
	}
}

const shifted = 4 // times as far off

// clock tells the local time that daily patterns follow.
type clock struct{ location *time.Location }

// offset gives the distance of local time from UTC at t, in milliseconds.
func (c clock) offset(t int64) int64 {
	if c.location == nil {
		return 0
	}
	_, s := time.UnixMilli(t).In(c.location).Zone()
	return int64(s) * 1000
}

// localise moves values of the moments end-(n-1)*step ... end to where they stand in local time as it is at the end:
// an hour skipped becomes a gap, of an hour told twice the second stays.
func (c clock) localise(x []float64, end, step int64) {
	if c.location == nil {
		return
	}
	offset := func(i int) int64 { return c.offset(end - int64(len(x)-1-i)*step) }
	var changes [4]struct{ at, by int } // newest first
	n := 0
	stride := int(max(1, day/step))
	for hi, now := len(x)-1, offset(len(x)-1); hi > 0 && n < len(changes); {
		lo := max(0, hi-stride)
		before := offset(lo)
		hi, lo = lo, hi
		if before == now {
			continue
		}
		for a := hi; lo-a > 1; {
			if mid := (a + lo) / 2; offset(mid) == now {
				lo = mid
			} else {
				a = mid
			}
		}
		changes[n].at, changes[n].by = lo, int((before-now)/step)
		n++
		now = before
	}
	for ; n > 0; n-- {
		b, s := changes[n-1].at, changes[n-1].by
		s = max(-b, min(s, b))
		gap := x[:max(s, 0)]
		if s < 0 {
			copy(x[:b+s], x[-s:b])
			gap = x[b+s : b]
		} else {
			copy(x[s:b], x[:b-s])
		}
		for i := range gap {
			gap[i] = math.NaN()
		}
	}
}
