package forecast

import (
	"math"
	"sync"
)

// sight is a fitted model's look ahead from its newest sample. It is large: take one from sights.
type workspace struct {
	m              *Model
	w              window
	ensemble       ensemble
	pool           [maxPool]kind
	regressions    [numRegressions]regression
	profiles       [2]profiles
	slots          [2][hourlySize]float32
	fine           [fineSize]float64
	hourly         [fineSize]float64
	hourlyStandard [fineSize]float64
	hourlyBent     [fineSize]float64
	fineSeen       [fineSize]bool
	hourlySeen     [hourlySize]bool
	offsets        [2]offsets
	sparse         bool             // not all of the past is there
	follow         bool             // breaks are followed at once
	offNow         [maxPool]float64 // how far members are off where the series is now, in usual errors of theirs; at least 1
	outliers       [fineSize / 64 * 2]uint64
}

// sights keeps scratch memory; what is in it means nothing to the next user.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// maxSpans is how many leads are looked at without unpacking all of the past.
const maxSparseLeads = 6

// see gives a look ahead at leads in medium steps, ascending; close it after use. Where it is to follow breaks, it sees
// anomalous samples that go on, and leaves members that do not start from where the series is.
func (m *Model) prepare(leads []float64, follow bool) *workspace {
	f, g := &m.fit, &m.grids
	s := workspaces.Get().(*workspace)
	s.follow = follow
	if follow && m.outliers.run >= followAfter {
		kept := m.outliers
		defer func() { m.outliers = kept }()
		m.outliers = kept.withoutRun(s.outliers[:])
	}
	ps := &s.w
	s.m = m
	ps.scale = f.scale
	last := int(leads[len(leads)-1]) + 2*f.perHour
	season := f.period * f.perHour
	n := m.reach()
	if f.perHour == 1 {
		n = min(n, max(longPast*f.longPeriod, medianPast*f.period, 192)+32)
	}
	ps.fine = s.fine[:n]
	ps.hourly = ps.fine
	if f.perHour > 1 {
		ps.hourly = s.hourly[:min(max(m.hourly.count(), n/f.perHour), g.hourlySize)]
	}
	m.alignSeason(ps)
	ps.fineSeen = s.fineSeen[:n]
	s.sparse = f.perHour > 1 && g.perMedium == 1 && len(leads) <= maxSparseLeads && season > 0 && m.options.Location == nil
	ps.hourlySeen = ps.fineSeen
	if f.perHour > 1 {
		ps.hourlySeen = s.hourlySeen[:len(ps.hourly)]
	}
	if s.sparse {
		m.gatherSparse(ps, leads)
	} else {
		m.gather(ps.fine, ps.hourly, f.perHour, recentSpan(n, season, f.perHour))
		markPresent(ps.fineSeen, ps.fine)
		markPresent(ps.hourlySeen, ps.hourly)
		ps.rescale()
		ps.fillGaps()
	}
	ps.hourlyBent, ps.hourlyStandard = s.hourlyBent[:len(ps.hourly)], s.hourlyStandard[:len(ps.hourly)]
	from := max(0, len(ps.hourly)-max(200, medianPast*f.period+2*shiftSteps))
	for i := from; i < len(ps.hourly); i++ {
		ps.hourlyBent[i] = ps.bent(ps.hourly[i])
	}
	if f.perHour == 1 {
		for i := from; i < len(ps.hourly); i++ {
			ps.hourlyStandard[i] = ps.plainAffine.in(ps.hourly[i])
		}
	}
	s.unpackCoefficients()
	s.ensemble.window, s.ensemble.first = ps, 0
	s.ensemble.pool = s.pool[:copy(s.pool[:], f.pool.kinds())]
	for i := range s.offsets {
		s.offsets[i].lead = 0
	}
	for s.ensemble.first < n-1 && !ps.fineSeen[s.ensemble.first] && !s.sparse {
		s.ensemble.first++
	}
	s.ensemble.short = f.pool == poolShort || f.pool == poolFlat
	s.ensemble.firstHourly = 0
	for s.ensemble.firstHourly < len(ps.hourlySeen)-1 && !ps.hourlySeen[s.ensemble.firstHourly] {
		s.ensemble.firstHourly++
	}
	s.ensemble.prepare(cutoff{n - 1, len(ps.hourly) - 1}, last, &s.regressions)
	if follow {
		s.measureBreak()
	}
	return s
}

// compare notes how far each member is off where the series is now.
func (s *workspace) measureBreak() {
	x := s.w.fine
	n := len(x)
	recent := [3]float64{x[n-1], x[max(0, n-2)], x[max(0, n-3)]}
	now := median(recent[:])
	pool := len(s.ensemble.pool)
	s.ensemble.forecast(s.offNow[:pool], 1)
	for i, y := range s.offNow[:pool] {
		usual := breakAt * s.m.fit.memberErrors.nearestLead(i)
		s.offNow[i] = 1
		if d := math.Abs(y - now); d > usual {
			s.offNow[i] = d / max(usual, leastError)
		}
	}
}

const (
	breakAt     = 4  // usual errors: few quiet samples are further off
	breakFades  = 12 // coarse steps ahead, in which what is off now counts half
	followAfter = 12 // anomalous samples on end, from which on forecasts see them
)

func (s *workspace) release() { workspaces.Put(s) }

// recall unpacks the regressions.
func (s *workspace) unpackCoefficients() {
	f := &s.m.fit
	if f.pool != poolShort {
		s.regressions = f.regressions()
	}
	codes := f.profiles
	for b := range s.profiles {
		p := &s.profiles[b]
		store := s.slots[b][:]
		if f.period+f.longPeriod > len(store) {
			store = make([]float32, f.period+f.longPeriod)
		}
		*p = profiles{period: f.period, longPeriod: f.longPeriod, short: store[:f.period], long: store[f.period : f.period+f.longPeriod]}
		if len(codes) >= (2-b)*(f.period+f.longPeriod) && f.period > 0 {
			p.decode(codes)
			codes = codes[f.period+f.longPeriod:]
		}
	}
	for i := range s.regressions {
		r := &s.regressions[i]
		r.profiles = &s.profiles[oneIf(r.bent)]
		r.fitted = f.fitted[i]
		for j, b := range f.coefficients[i] {
			r.beta[j] = float64(b)
		}
	}
}

// glance unpacks only what a few leads need: the last day and some hours, and the same moments of the days before. What
// is missing there is as it was a day earlier, else as the mean of its hour.
func (m *Model) gatherSparse(ps *window, leads []float64) {
	x, n, k := ps.fine, len(ps.fine), ps.perHour
	season := ps.period * k
	recent := recentSpan(n, season, k)
	last := x[n-recent:]
	m.fine.read(last, recent-1)
	m.outliers.apply(last, m.fine.next-1)
	m.gatherHourly(ps.hourly, last)
	markPresent(ps.hourlySeen, ps.hourly)
	for i := range ps.hourly {
		ps.hourly[i] = ps.in(ps.hourly[i])
	}
	fillGaps(ps.hourly, ps.hourlySeen, ps.longPeriod, ps.period)
	take := func(lo, hi int) {
		for i := lo; i < hi; i++ {
			y := x[i]
			for j := i - season; y != y && j >= 0; j -= season {
				if y = m.fine.lag(n - 1 - j); m.outliers.has(m.fine.next - int64(n-j)) {
					y = math.NaN()
				}
			}
			if x[i] = ps.in(y); y != y {
				x[i] = ps.fineFromHourly(i)
			}
		}
	}
	for _, u := range leads {
		lead := int(u)/k*k - k/2
		for i := int(modulo(int64(n-1+lead), int64(season))) - season; i < n-recent; i += season {
			if lo, hi := max(i, 0), min(i+3*k, n-recent); lo < hi {
				m.fine.read(x[lo:hi], n-1-lo)
				m.outliers.apply(x[lo:hi], m.fine.next-1-int64(n-hi))
				take(lo, hi)
			}
		}
	}
	take(n-recent, n)
}

// recentOf is how many of n medium values are the last day and some hours.
func recentSpan(n, season, k int) int { return min(n, season+3*k) }

func markPresent(seen []bool, v []float64) {
	for i, x := range v {
		seen[i] = x == x
	}
}

// centre gives the forecast l medium steps ahead and how far the members disagree.
func (s *workspace) centre(l int) (centre, spread float64) {
	if s.m.fit.fallback {
		centre = s.ensemble.naive(l)
	} else {
		centre, spread = s.combination(l)
	}
	if math.IsNaN(centre) {
		centre, spread = s.w.fine[len(s.w.fine)-1], 0
	}
	return s.ensemble.clamp(centre, l), spread
}

// combination gives the weighted median of the members and how far they disagree.
func (s *workspace) combination(l int) (centre, spread float64) {
	f := &s.m.fit
	var forecasts, w [maxPool]float64
	n := len(s.ensemble.pool)
	s.ensemble.forecast(forecasts[:n], l)
	f.memberErrors.weigh(w[:n], bucketOf(l, f.perHour), s.w.slotAt(l))
	if s.follow {
		power := -2 * math.Exp2(-float64(l)/float64(breakFades*f.perHour))
		for i, d := range s.offNow[:n] {
			if d > 1 {
				w[i] *= math.Pow(d, power)
			}
		}
	}
	return combine(forecasts[:n], w[:n])
}

// between gives the forecast u medium steps ahead, which need not be whole.
func (s *workspace) centreAt(u float64) float64 {
	l := int(u)
	c, _ := s.centre(l)
	if part := u - float64(l); part > 0 {
		next, _ := s.centre(l + 1)
		c += part * (next - c)
	}
	return c
}

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

func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
