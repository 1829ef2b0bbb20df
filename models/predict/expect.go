package predict

import "math"

// path is what is expected of the coming hour, made from the samples up to one moment: at whole medium steps.
type path struct {
	from   int64 // number of the newest sample then; the path is empty where n is 0
	n      int
	points [maxPath]point
}

// point is an expectation, scaled.
type point struct{ mean, lower, upper float32 }

const maxPath = 16

// until is the number of the sample after which a new path is wanted.
func (p *path) until(r int) int64 { return p.from + int64(p.n*r) }

// Expect gives the expectation of time t, from samples before t.
func (m *Model) Expect(t int64) Expectation {
	number := floorDiv(t, m.grids.step)
	l := number - m.path.from
	if !m.fit.done || l < 1 {
		return Expectation{Mean: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	}
	u := max(1, float64(l)/float64(m.grids.r))
	if u > float64(m.path.n) {
		return m.expectAfter(number - m.fine.next + 1)
	}
	i := int(u)
	a := m.path.points[i-1]
	if part := float32(u - float64(i)); part > 0 {
		b := m.path.points[i]
		a.mean += part * (b.mean - a.mean)
		a.lower += part * (b.lower - a.lower)
		a.upper += part * (b.upper - a.upper)
	}
	return Expectation{Mean: m.value(float64(a.mean)), Lower: m.value(float64(a.lower)), Upper: m.value(float64(a.upper))}
}

// expectAfter gives the expectation l samples after the newest one, however many are missing between.
func (m *Model) expectAfter(l int64) Expectation {
	var s sight
	var knots [2]knot
	var lower, upper [1]float64
	u := max(1, float64(l)/float64(m.grids.r))
	s.open(m, int(u)+2*m.fit.k)
	c := s.between(u)
	level := [1]float64{m.options.Level}
	s.edgesAt(lower[:], upper[:], level[:], c, u, &knots)
	return Expectation{Mean: m.value(c), Lower: m.value(lower[0]), Upper: m.value(upper[0])}
}

// expectAhead makes a new path, with edges read at its beginning, middle and end, and pending forecasts.
func (m *Model) expectAhead() {
	var s sight
	level := [1]float64{m.options.Level}
	p := &m.path
	p.from, p.n = m.fine.next-1, min(m.fit.k, maxPath)
	s.open(m, max(p.n, m.farthest())+2*m.fit.k)
	var stops [3]knot
	s.offsets(&stops[0], 1, level[:])
	s.offsets(&stops[1], (p.n+1)/2, level[:])
	s.offsets(&stops[2], p.n, level[:])
	for l := 1; l <= p.n; l++ {
		a, b := &stops[0], &stops[1]
		if l > b.lead {
			a, b = b, &stops[2]
		}
		part := 0.0
		if d := b.lead - a.lead; d > 0 {
			part = float64(l-a.lead) / float64(d)
		}
		c, _ := s.centre(l)
		lo := c + a.lower[0] + part*(b.lower[0]-a.lower[0])
		hi := c + a.upper[0] + part*(b.upper[0]-a.upper[0])
		p.points[l-1] = point{mean: float32(c), lower: float32(s.ps.clamp(lo)), upper: float32(s.ps.clamp(hi))}
	}
	m.foresee(&s)
}
