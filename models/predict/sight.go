package predict

import "math"

// sight is a fitted model's look ahead from its newest sample; about 50 KiB, meant for the stack.
type sight struct {
	m     *Model
	ps    past
	v     view
	x     [fineSamples]float64
	z     [longSamples]float64
	zn    [longSamples]float64
	zb    [longSamples]float64
	seen  [fineSamples]bool
	zseen [hourSamples]bool
}

// open looks ahead as far as last medium steps.
func (s *sight) open(m *Model, last int) {
	f, ps := &m.fit, &s.ps
	s.m = m
	ps.scale = f.scale
	ps.x = s.x[:m.reach()]
	ps.z = ps.x
	if f.k > 1 {
		ps.z = s.z[:max(len(ps.x)/f.k, min(m.coarse.count(), m.grids.coarse))]
	}
	m.gather(ps.x, ps.z, f.k)
	m.seat(ps)
	ps.seen = s.seen[:len(ps.x)]
	markPresent(ps.seen, ps.x)
	ps.zseen = ps.seen
	if f.k > 1 {
		ps.zseen = s.zseen[:len(ps.z)]
		markPresent(ps.zseen, ps.z)
	}
	ps.prepare()
	ps.zb, ps.zn = s.zb[:len(ps.z)], s.zn[:len(ps.z)]
	for i, y := range ps.z {
		ps.zb[i] = ps.bend1(y)
		ps.zn[i] = ps.plain.in(y)
	}
	s.v.past, s.v.pool = ps, f.pool
	for s.v.first < len(ps.seen)-1 && !ps.seen[s.v.first] {
		s.v.first++
	}
	s.v.look(origin{len(ps.x) - 1, len(ps.z) - 1}, last, &f.regs)
}

func markPresent(seen []bool, v []float64) {
	for i, x := range v {
		seen[i] = x == x
	}
}

// centre gives the forecast l medium steps ahead and how far the members disagree.
func (s *sight) centre(l int) (centre, spread float64) {
	f := &s.m.fit
	var forecasts, w [maxPool]float64
	n := len(f.pool)
	s.v.forecast(forecasts[:n], l)
	f.scores.weigh(w[:n], bucketOf(l, f.k), f.slotOf(&s.ps, l))
	centre, spread = combine(forecasts[:n], w[:n])
	if f.fallback {
		centre, spread = s.v.naive(l), 0
	}
	if math.IsNaN(centre) {
		centre, spread = s.ps.clamp(s.ps.x[len(s.ps.x)-1]), 0
	}
	return centre, spread
}

// between gives the forecast u medium steps ahead, which need not be whole.
func (s *sight) between(u float64) float64 {
	l := int(u)
	c, _ := s.centre(l)
	if part := u - float64(l); part > 0 {
		next, _ := s.centre(l + 1)
		c += part * (next - c)
	}
	return c
}

// knot is how far below and above the centre an interval reaches at one lead.
type knot struct {
	lead         int
	lower, upper []float64
	store        [2][maxLevels]float64
}

// maxLevels is how many levels are served without allocating.
const maxLevels = 10

// offsets fills a knot at l medium steps.
func (s *sight) offsets(k *knot, l int, levels []float64) {
	if k.lead == l && len(k.lower) == len(levels) {
		return
	}
	k.lead = l
	k.lower, k.upper = resize(k.store[0][:0], len(levels)), resize(k.store[1][:0], len(levels))
	f := &s.m.fit
	centre, spread := s.centre(l)
	f.law.edges(k.lower, k.upper, levels, centre, spread, bucketOf(l, f.k), f.slotOf(&s.ps, l))
	wide := s.m.record.width(l > f.k)
	for i := range levels {
		k.lower[i], k.upper[i] = wide*(k.lower[i]-centre), wide*(k.upper[i]-centre)
	}
}

// edgesAt fills lower and upper with the interval around centre u medium steps ahead. Up to a coarse step every medium
// lead has its own, beyond every coarse step; between them edges are interpolated.
func (s *sight) edgesAt(lower, upper []float64, levels []float64, centre, u float64, knots *[2]knot) {
	gap := 1.0
	if k := float64(s.m.fit.k); u > k {
		gap = k
	}
	n := math.Floor(u / gap)
	part := u/gap - n
	a := int(n * gap)
	if knots[1].lead == a && knots[1].lower != nil {
		knots[0].take(&knots[1])
	}
	s.offsets(&knots[0], a, levels)
	if part > 0 {
		s.offsets(&knots[1], a+int(gap), levels)
	}
	for i := range levels {
		lo, hi := knots[0].lower[i], knots[0].upper[i]
		if part > 0 {
			lo += part * (knots[1].lower[i] - lo)
			hi += part * (knots[1].upper[i] - hi)
		}
		lower[i], upper[i] = min(centre, s.ps.clamp(centre+lo)), max(centre, s.ps.clamp(centre+hi))
	}
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

func (k *knot) take(o *knot) {
	k.lead = o.lead
	k.lower, k.upper = resize(k.store[0][:0], len(o.lower)), resize(k.store[1][:0], len(o.upper))
	copy(k.lower, o.lower)
	copy(k.upper, o.upper)
}

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
