package predict

import (
	"cmp"
	"math"
	"slices"
)

// fit is what a refit learnt, in little space.
type fit struct {
	done     bool
	fallback bool // seasonal naive did better than the combination
	status   Status
	best     kind // the heaviest member
	pool     pools
	k        int   // medium steps in a coarse one; 1 also where there is too little for hours
	p, w     int   // seasons in coarse steps; 0: none
	inner    int   // a season found inside of the short one; 0: none
	daily    bool  // the short season tells something
	weekly   bool  // the long one does
	late     int64 // how far into a coarse step of local time the newest sample then was, milliseconds
	scale    scale
	betas    [numRegressions][maxTerms]float32
	fitted   [numRegressions]bool
	profiles []uint16 // codes of the plain ones, where the pool needs them, then of the bent
	table    table
	law      law
}

// gather builds the newest len(x) medium and len(z) coarse values from the rings, in local time, unscaled, missing ones
// NaN. Both end at the newest sample. Coarse values are means of k medium steps over the newest exact ones; before them
// the clock's hours are shifted to that. z is x where k is 1.
func (m *Model) gather(x, z []float64, k, exact int) {
	g := &m.grids
	c := clock{m.options.Location}
	if g.r == 1 {
		m.fine.tail(x)
		m.odd.blank(x, m.fine.next-1)
	} else {
		m.mediumTail(x)
	}
	if k > 1 {
		m.hours(z, x[len(x)-exact:])
		c.localise(z, m.end, g.coarseStep())
	}
	c.localise(x, m.end, g.mediumStep())
}

// mediumTail fills x with every r-th sample back from the newest; where the ring of samples does not reach, with those
// remembered that come next.
func (m *Model) mediumTail(x []float64) {
	r := m.grids.r
	n := min(len(x), m.fine.count()/r)
	older := x[:len(x)-n]
	skip := m.medium.next - floorDiv(m.fine.next-1-int64(n*r), int64(r)) - 1
	for i := range older {
		older[i] = m.medium.lag(int(skip) + len(older) - 1 - i)
	}
	for i := range n {
		if x[len(x)-1-i] = m.fine.lag(i * r); m.odd.has(m.fine.next - 1 - int64(i*r)) {
			x[len(x)-1-i] = math.NaN()
		}
	}
}

// hours fills z with the newest coarse values, given the newest medium ones, and bridges an outage at its beginning.
func (m *Model) hours(z, newest []float64) {
	m.coarseTail(z)
	m.rebin(z, newest)
	m.bridge(z)
}

// coarseTail fills z with coarse means that end where the samples end, from the clock's hours on either side.
func (m *Model) coarseTail(z []float64) {
	k := int64(m.grids.r * m.grids.k)
	share := float64(modulo(m.fine.next, k)) / float64(k)
	m.coarse.tail(z)
	for i, older := range z[:len(z)-1] {
		switch newer := z[i+1]; {
		case share == 0 || newer != newer:
		case older != older:
			z[i] = newer
		default:
			z[i] += share * (newer - older)
		}
	}
}

// bridge fills the coarse values that are missing at the beginning by those whole seasons before.
func (m *Model) bridge(z []float64) {
	season := cmp.Or(m.fit.w, m.fit.p)
	for i := 0; season > 0 && i < len(z) && z[i] != z[i]; i++ {
		for k := len(z) - 1 - i; z[i] != z[i] && k < m.coarse.count(); k += season {
			z[i] = m.coarse.lag(k)
		}
	}
}

// rebin replaces the newest coarse values by means that end at the newest sample.
func (m *Model) rebin(z, x []float64) {
	k := m.grids.k
	for i := range min(len(z), len(x)/k) {
		z[len(z)-1-i] = meanOf(x[len(x)-(i+1)*k : len(x)-i*k])
	}
}

// meanOf gives the mean of the values that are there, NaN where there is none.
func meanOf(v []float64) float64 {
	s, n := 0.0, 0
	for _, x := range v {
		if x == x {
			s += x
			n++
		}
	}
	return s / float64(n)
}

// seat sets where the newest coarse value stands in its seasons.
func (m *Model) seat(ps *past) {
	f := &m.fit
	ps.k, ps.p, ps.w = f.k, f.p, f.w
	local := m.end + clock{m.options.Location}.offset(m.end) - f.late
	step := m.grids.mediumStep() * int64(f.k)
	slot := floorDiv(local, step)
	ps.part = float64(local-slot*step) / float64(step)
	switch {
	case f.w > 0:
		ps.slot = int(modulo(slot, int64(f.w)))
	case f.p > 0:
		ps.slot = int(modulo(slot, int64(f.p)))
	}
}

// Refit learns anew from what is remembered. After an outage longer than that, what was learnt before it stays until
// there is enough to learn from.
func (m *Model) Refit() {
	g := &m.grids
	f := &m.fit
	nx := m.sinceOutage()
	if perDay := g.perDay(); f.done && f.status == OK && nx < m.reach() &&
		(nx < perDay/2 || nx < perDay*7/2 && !m.record.drifted()) && m.bridged(nx) {
		m.since = 0
		return
	}
	old := *f
	*f = fit{k: g.k, profiles: old.profiles[:0], table: old.table, law: old.law}
	nz := max(nx/g.k, min(m.coarse.count(), g.coarse))
	if g.k > 1 && nx < g.perDay()*7/2 { // hours would be too few
		f.k = 1
	}
	ps := &past{k: f.k, x: make([]float64, nx)}
	ps.z = ps.x
	if f.k > 1 {
		ps.z = make([]float64, nz)
	}
	m.gather(ps.x, ps.z, f.k, nx)
	ps.seen = present(ps.x)
	ps.zseen = ps.seen
	if f.k > 1 {
		ps.zseen = present(ps.z)
	}
	values := make([]float64, 0, nx)
	for _, v := range ps.x {
		if v == v {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		*f = old
		return
	}
	f.done = true
	f.scale = newScale(values, m.options)
	if old.done {
		m.record.rescale(&old.scale, &f.scale)
	}
	ps.scale = f.scale
	f.late = modulo(m.end+clock{m.options.Location}.offset(m.end), g.mediumStep()*int64(f.k))
	ps.prepare()
	m.chooseSeasons(ps)
	m.seat(ps)
	ps.fill()
	f.standardise(ps)
	f.choosePool(g.k > 1)
	f.status = m.status(ps, len(values))
	f.fallback = m.record.worse(old.fallback)
	l := &lesson{pool: f.pool.kinds(), regs: f.regressions()}
	l.backtest(ps)
	l.score(ps, f.fallback)
	f.daily, f.weekly = l.gain.confirmed(f.p, f.w)
	f.keep(l)
	keep := keptErrors
	if g.k > 1 {
		keep = keptMinutes
	}
	f.law.learn(l.trials, keep, float64(g.perDay()), len(ps.x)-1)
	m.since = 0
	if m.months != nil {
		m.months.Fit(m.options.Level)
	}
	m.record.refitted()
	m.expectAhead()
}

// bridged tells whether hours from before the last nx medium values are remembered.
func (m *Model) bridged(nx int) bool {
	if m.grids.coarse == 0 {
		return true
	}
	z := make([]float64, m.coarse.count())
	m.coarse.tail(z)
	return slices.ContainsFunc(z[:max(0, len(z)-nx/m.grids.k-1)], func(v float64) bool { return v == v })
}

// sinceOutage is how many medium values there are from the oldest on that is not missing.
func (m *Model) sinceOutage() int {
	x := make([]float64, m.reach())
	m.mediumTail(x)
	return len(x) - max(0, slices.IndexFunc(x, func(v float64) bool { return v == v }))
}

// reach is how many medium values there are.
func (m *Model) reach() int {
	g := &m.grids
	if g.r > 1 {
		return max(min(m.medium.count(), g.medium), m.fine.count()/g.r)
	}
	return min(m.fine.count(), g.samples)
}

// prepare scales the values.
func (ps *past) prepare() {
	for i := range ps.x {
		ps.x[i] = ps.in(ps.x[i])
	}
	if ps.k > 1 {
		for i := range ps.z {
			ps.z[i] = ps.in(ps.z[i])
		}
	}
}

// fill fills the gaps.
func (ps *past) fill() {
	fill(ps.x, ps.seen, ps.w*ps.k, ps.p*ps.k)
	if ps.k == 1 {
		return
	}
	fill(ps.z, ps.zseen, ps.w, ps.p)
	for i := range max(0, slices.Index(ps.seen, true)) {
		ps.x[i] = ps.hour(i)
	}
}

// hour gives what the coarse values, as means of their steps, tell of the medium one at i.
func (ps *past) hour(i int) float64 {
	last := len(ps.z) - 1
	u := max(0, min(float64(last)-(float64(len(ps.x)-1-i)-float64(ps.k-1)/2)/float64(ps.k), float64(last)))
	j := int(u)
	return ps.z[j] + (u-float64(j))*(ps.z[min(j+1, last)]-ps.z[j])
}

// choosePool picks the members.
func (f *fit) choosePool(minutes bool) {
	f.pool = poolHours
	switch {
	case f.p == 0:
		f.pool = poolFlat
	case f.k > 1:
		f.pool = poolMinutes
	case minutes:
		f.pool = poolShort
	}
}

// regressions gives the regressions without what was learnt.
func (f *fit) regressions() (r [numRegressions]regression) {
	for i := range r {
		r[i].terms = newTerms(f.p, f.w, i == int(kindWeekly), i != int(kindPlain))
	}
	return r
}

// keep takes over what a backtest learnt.
func (f *fit) keep(l *lesson) {
	for i := range l.regs {
		f.fitted[i] = l.regs[i].fitted
		for j, b := range l.regs[i].beta {
			f.betas[i][j] = float32(b)
		}
	}
	if n := 2 * (f.p + f.w); cap(f.profiles) < n {
		f.profiles = make([]uint16, 0, n/(1+b2i(!slices.Contains(l.pool, kindPlain))))
	}
	if slices.Contains(l.pool, kindPlain) {
		f.profiles = l.profiles[0].codes(f.profiles)
	}
	if slices.Contains(l.pool, kindDaily) {
		f.profiles = l.profiles[1].codes(f.profiles)
	}
	f.table = l.scores.table(f.table.codes)
	best := 0
	for i := range l.pool {
		a, b := &l.scores.all[i], &l.scores.all[best]
		if a.weight > 0 && (b.weight == 0 || a.sum*b.weight < b.sum*a.weight) {
			best = i
		}
	}
	f.best = l.pool[best]
}

func present(v []float64) []bool {
	s := make([]bool, len(v))
	for i, x := range v {
		s[i] = x == x
	}
	return s
}

// standardise fills the standardised coarse values on both scales and remembers how.
func (f *fit) standardise(ps *past) {
	first := max(0, slices.Index(ps.zseen, true))
	ps.zn, ps.zb = make([]float64, len(ps.z)), make([]float64, len(ps.z))
	for i, y := range ps.z {
		ps.zb[i] = asinh(y / f.scale.bend)
	}
	f.scale.plain, f.scale.bent = standard(ps.z[first:]), standard(ps.zb[first:])
	for i, y := range ps.z {
		ps.zn[i] = f.scale.plain.in(y)
		ps.zb[i] = f.scale.bent.in(ps.zb[i])
	}
	ps.scale = f.scale
}

// status tells what stands against trusting the fit.
func (m *Model) status(ps *past, seen int) Status {
	n := len(ps.x) - max(0, slices.Index(ps.seen, true))
	season := max(m.grids.perDay(), ps.p*ps.k)
	if m.options.Seasons != nil {
		season = ps.p * ps.k
	}
	switch {
	case m.fit.scale.same:
		return Constant
	case n < max(season, 30):
		return TooShort
	case seen*2 < n:
		return Gaps
	}
	return OK
}

// name is the heaviest member's, or the fallback's.
func (f *fit) name() string {
	if f.fallback {
		return kindNames[kindNaive]
	}
	return kindNames[f.best]
}
