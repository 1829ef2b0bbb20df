package predict

import (
	"math"
	"sync"
)

// sight is a fitted model's look ahead from its newest sample. It is large: take one from sights.
type sight struct {
	m        *Model
	ps       past
	v        view
	pool     [maxPool]kind
	regs     [numRegressions]regression
	profiles [2]profiles
	slots    [2][hourSamples]float32
	x        [fineSamples]float64
	z        [fineSamples]float64
	zn       [fineSamples]float64
	zb       [fineSamples]float64
	seen     [fineSamples]bool
	zseen    [hourSamples]bool
	knots    [2]knot
	lazy     bool // not all of the past is there
}

// sights keeps scratch memory; what is in it means nothing to the next user.
var sights = sync.Pool{New: func() any { return new(sight) }}

// maxSpans is how many leads are looked at without unpacking all of the past.
const maxSpans = 6

// see gives a look ahead at leads in medium steps, ascending; close it after use.
func (m *Model) see(leads []float64) *sight {
	f, g := &m.fit, &m.grids
	s := sights.Get().(*sight)
	ps := &s.ps
	s.m = m
	ps.scale = f.scale
	last := int(leads[len(leads)-1]) + 2*f.k
	season := f.p * f.k
	n := m.reach()
	if f.k == 1 {
		n = min(n, max(4*f.w, medianPast*f.p, 192)+32)
	}
	ps.x = s.x[:n]
	ps.z = ps.x
	if f.k > 1 {
		ps.z = s.z[:min(max(m.coarse.count(), n/f.k), g.coarse, max(medianPast*f.p+shiftSteps+f.p, 2*maxTerms))]
	}
	m.seat(ps)
	ps.seen = s.seen[:n]
	s.lazy = f.k > 1 && g.r == 1 && len(leads) <= maxSpans && season > 0 && m.options.Location == nil
	ps.zseen = ps.seen
	if f.k > 1 {
		ps.zseen = s.zseen[:len(ps.z)]
	}
	if s.lazy {
		m.glance(ps, leads)
	} else {
		m.gather(ps.x, ps.z, f.k, recentOf(n, season, f.k))
		markPresent(ps.seen, ps.x)
		markPresent(ps.zseen, ps.z)
		ps.prepare()
		ps.fill()
	}
	ps.zb, ps.zn = s.zb[:len(ps.z)], s.zn[:len(ps.z)]
	for i := max(0, len(ps.z)-200); i < len(ps.z); i++ {
		ps.zb[i] = ps.bend1(ps.z[i])
	}
	if f.k == 1 {
		for i := max(0, len(ps.z)-200); i < len(ps.z); i++ {
			ps.zn[i] = ps.plain.in(ps.z[i])
		}
	}
	s.recall()
	s.v.past, s.v.first = ps, 0
	s.v.pool = s.pool[:copy(s.pool[:], f.pool.kinds())]
	for i := range s.knots {
		s.knots[i].lead = 0
	}
	for s.v.first < n-1 && !ps.seen[s.v.first] && !s.lazy {
		s.v.first++
	}
	s.v.look(origin{n - 1, len(ps.z) - 1}, last, &s.regs)
	return s
}

func (s *sight) close() { sights.Put(s) }

// recall unpacks the regressions.
func (s *sight) recall() {
	f := &s.m.fit
	if f.pool != poolShort {
		s.regs = f.regressions()
	}
	codes := f.profiles
	for b := range s.profiles {
		p := &s.profiles[b]
		store := s.slots[b][:]
		if f.p+f.w > len(store) {
			store = make([]float32, f.p+f.w)
		}
		*p = profiles{p: f.p, w: f.w, short: store[:f.p], long: store[f.p : f.p+f.w]}
		if len(codes) >= (2-b)*(f.p+f.w) && f.p > 0 {
			p.decode(codes)
			codes = codes[f.p+f.w:]
		}
	}
	for i := range s.regs {
		r := &s.regs[i]
		r.profiles = &s.profiles[b2i(r.bent)]
		r.fitted = f.fitted[i]
		for j, b := range f.betas[i] {
			r.beta[j] = float64(b)
		}
	}
}

// glance unpacks only what a few leads need: the last day and some hours, and the same moments of the days before. What
// is missing there is as it was a day earlier, else as the mean of its hour.
func (m *Model) glance(ps *past, leads []float64) {
	x, n, k := ps.x, len(ps.x), ps.k
	season := ps.p * k
	recent := recentOf(n, season, k)
	last := x[n-recent:]
	m.fine.read(last, recent-1)
	m.odd.blank(last, m.fine.next-1)
	m.hours(ps.z, last)
	markPresent(ps.zseen, ps.z)
	for i := range ps.z {
		ps.z[i] = ps.in(ps.z[i])
	}
	fill(ps.z, ps.zseen, ps.w, ps.p)
	take := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			y := x[i]
			for j := i - season; y != y && j >= 0; j -= season {
				if y = m.fine.lag(n - 1 - j); m.odd.has(m.fine.next - int64(n-j)) {
					y = math.NaN()
				}
			}
			if x[i] = ps.in(y); y != y {
				x[i] = ps.hour(i)
			}
		}
	}
	for _, u := range leads {
		lead := int(u)/k*k - k/2
		for i := int(modulo(int64(n-1+lead), int64(season))) - season; i < n-recent; i += season {
			if lo, hi := max(i, 0), min(i+3*k, n-recent); lo < hi {
				m.fine.read(x[lo:hi], n-1-lo)
				m.odd.blank(x[lo:hi], m.fine.next-1-int64(n-hi))
				take(lo, hi)
			}
		}
	}
	take(n-recent, n)
}

// recentOf is how many of n medium values are the last day and some hours.
func recentOf(n, season, k int) int { return min(n, season+3*k) }

func markPresent(seen []bool, v []float64) {
	for i, x := range v {
		seen[i] = x == x
	}
}

// centre gives the forecast l medium steps ahead and how far the members disagree.
func (s *sight) centre(l int) (centre, spread float64) {
	if s.m.fit.fallback {
		centre = s.v.naive(l)
	} else {
		centre, spread = s.combination(l)
	}
	if math.IsNaN(centre) {
		centre, spread = s.ps.x[len(s.ps.x)-1], 0
	}
	return s.ps.clamp(centre), spread
}

// combination gives the weighted median of the members and how far they disagree.
func (s *sight) combination(l int) (centre, spread float64) {
	f := &s.m.fit
	var forecasts, w [maxPool]float64
	n := len(s.v.pool)
	s.v.forecast(forecasts[:n], l)
	f.table.weigh(w[:n], bucketOf(l, f.k), s.ps.slotAt(l))
	return combine(forecasts[:n], w[:n])
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
}

// offsets fills a knot at l medium steps.
func (s *sight) offsets(k *knot, l int, levels []float64) {
	k.lead = l
	k.lower, k.upper = resize(k.lower, len(levels)), resize(k.upper, len(levels))
	f := &s.m.fit
	centre, spread := s.centre(l)
	f.law.edges(k.lower, k.upper, levels, centre, spread, bucketOf(l, f.k), s.ps.slotAt(l))
	wide := s.m.record.width(l > f.k)
	for i := range levels {
		k.lower[i], k.upper[i] = wide*(k.lower[i]-centre), wide*(k.upper[i]-centre)
	}
}

// edgesAt fills lower and upper with the interval around centre u medium steps ahead. Up to a coarse step every medium
// lead has its own, beyond every coarse step; between them edges are interpolated.
func (s *sight) edgesAt(lower, upper []float64, levels []float64, centre, u float64) {
	gap := 1.0
	if k := float64(s.m.fit.k); u > k {
		gap = k
	}
	n := math.Floor(u / gap)
	part := u/gap - n
	a, b := &s.knots[0], &s.knots[1]
	if l := int(n * gap); a.lead != l {
		if b.lead == l {
			*a, *b = *b, *a
		} else {
			s.offsets(a, l, levels)
		}
	}
	if part == 0 {
		b = a
	} else if l := int((n + 1) * gap); b.lead != l {
		s.offsets(b, l, levels)
	}
	for i := range levels {
		lo := a.lower[i] + part*(b.lower[i]-a.lower[i])
		hi := a.upper[i] + part*(b.upper[i]-a.upper[i])
		lower[i], upper[i] = min(centre, s.ps.clamp(centre+lo)), max(centre, s.ps.clamp(centre+hi))
	}
}

// value gives what y stands for, inside the bounds also after rounding.
func (m *Model) value(y float64) float64 { return m.inBounds(m.fit.scale.out(y)) }

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
