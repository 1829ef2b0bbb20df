package forecast

import (
	"cmp"
	"math"
	"slices"
)

// fit is what a refit learnt, in little space.
type fit struct {
	done               bool
	fallback           bool // seasonal naive did better than the combination
	status             Status
	best               kind // the heaviest member
	pool               pools
	perHour            int   // medium steps in a coarse one; 1 also where there is too little for hours
	period, longPeriod int   // seasons in coarse steps; 0: none
	inner              int   // a season found inside of the short one; 0: none
	daily              bool  // the short season tells something
	weekly             bool  // the long one does
	phaseAtFit         int64 // how far into a coarse step of local time the newest sample then was, milliseconds
	scale              scale
	coefficients       [numRegressions][maxTerms]float32
	fitted             [numRegressions]bool
	profiles           []uint16 // codes of the plain ones, where the pool needs them, then of the bent
	memberErrors       memberErrors
	conformal          conformal
}

// gather builds the newest len(x) medium and len(z) coarse values from the rings, in local time, unscaled, missing ones
// NaN. Both end at the newest sample. Coarse values are means of k medium steps over the newest exact ones; before them
// the clock's hours are shifted to that. z is x where k is 1.
func (m *Model) gather(x, z []float64, k, exact int) {
	g := &m.grids
	c := clock{m.options.Location}
	if g.perMedium == 1 {
		m.fine.tail(x)
		m.outliers.apply(x, m.fine.next-1)
	} else {
		m.mediumTail(x)
	}
	if k > 1 {
		m.gatherHourly(z, x[len(x)-exact:])
		c.localise(z, m.end, g.coarseStep())
	}
	c.localise(x, m.end, g.mediumStep())
}

// mediumTail fills x with every r-th sample back from the newest; where the ring of samples does not reach, with those
// remembered that come next.
func (m *Model) mediumTail(x []float64) {
	r := m.grids.perMedium
	n := min(len(x), m.fine.count()/r)
	older := x[:len(x)-n]
	skip := m.medium.next - floorDiv(m.fine.next-1-int64(n*r), int64(r)) - 1
	for i := range older {
		older[i] = m.medium.lag(int(skip) + len(older) - 1 - i)
	}
	for i := range n {
		if x[len(x)-1-i] = m.fine.lag(i * r); m.outliers.has(m.fine.next - 1 - int64(i*r)) {
			x[len(x)-1-i] = math.NaN()
		}
	}
}

// hours fills z with the newest coarse values, given the newest medium ones, and bridges an outage at its beginning.
func (m *Model) gatherHourly(z, newest []float64) {
	m.coarseTail(z)
	m.rebin(z, newest)
	m.bridge(z)
}

// coarseTail fills z with coarse means that end where the samples end, from the clock's hours on either side.
func (m *Model) coarseTail(z []float64) {
	k := int64(m.grids.perMedium * m.grids.perHour)
	share := float64(modulo(m.fine.next, k)) / float64(k)
	m.hourly.tail(z)
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
	season := cmp.Or(m.fit.longPeriod, m.fit.period)
	for i := 0; season > 0 && i < len(z) && z[i] != z[i]; i++ {
		for k := len(z) - 1 - i; z[i] != z[i] && k < m.hourly.count(); k += season {
			z[i] = m.hourly.lag(k)
		}
	}
}

// rebin replaces the newest coarse values by means that end at the newest sample.
func (m *Model) rebin(z, x []float64) {
	k := m.grids.perHour
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
func (m *Model) alignSeason(ps *window) {
	f := &m.fit
	ps.perHour, ps.period, ps.longPeriod = f.perHour, f.period, f.longPeriod
	local := m.end + clock{m.options.Location}.offset(m.end) - f.phaseAtFit
	step := m.grids.mediumStep() * int64(f.perHour)
	slot := floorDiv(local, step)
	ps.phase = float64(local-slot*step) / float64(step)
	switch {
	case f.longPeriod > 0:
		ps.slot = int(modulo(slot, int64(f.longPeriod)))
	case f.period > 0:
		ps.slot = int(modulo(slot, int64(f.period)))
	}
}

// Refit learns anew from what is remembered. After an outage longer than that, what was learnt before it stays until
// there is enough to learn from.
func (m *Model) Refit() {
	g := &m.grids
	f := &m.fit
	nx := m.sinceOutage()
	if perDay := g.perDay(); f.done && f.status == OK && nx < m.reach() &&
		(nx < perDay/2 || nx < perDay*7/2 && !m.tracker.drifted()) && m.bridged(nx) {
		m.since = 0
		return
	}
	old := *f
	*f = fit{perHour: g.perHour, profiles: old.profiles[:0], memberErrors: old.memberErrors, conformal: old.conformal}
	nz := max(nx/g.perHour, min(m.hourly.count(), g.hourlySize))
	if g.perHour > 1 && nx < g.perDay()*7/2 { // hours would be too few
		f.perHour = 1
	}
	ps := &window{perHour: f.perHour, fine: make([]float64, nx)}
	ps.hourly = ps.fine
	if f.perHour > 1 {
		ps.hourly = make([]float64, nz)
	}
	m.gather(ps.fine, ps.hourly, f.perHour, nx)
	ps.fineSeen = present(ps.fine)
	ps.hourlySeen = ps.fineSeen
	if f.perHour > 1 {
		ps.hourlySeen = present(ps.hourly)
	}
	values := make([]float64, 0, nx)
	for _, v := range ps.fine {
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
		m.tracker.rescale(&old.scale, &f.scale)
	}
	ps.scale = f.scale
	f.phaseAtFit = modulo(m.end+clock{m.options.Location}.offset(m.end), g.mediumStep()*int64(f.perHour))
	ps.rescale()
	m.chooseSeasons(ps)
	m.alignSeason(ps)
	ps.fillGaps()
	f.standardise(ps)
	f.choosePool(g.perHour > 1)
	f.status = m.status(ps, len(values))
	f.fallback = m.tracker.preferNaive(old.fallback)
	l := &crossValidation{pool: f.pool.kinds(), short: f.pool == poolShort || f.pool == poolFlat, regressions: f.regressions()}
	l.walk(ps)
	l.score(ps, f.fallback)
	if f.perHour > 1 && f.period > 0 && len(ps.hourly) >= 8*f.period {
		l.judgeFarByHours(ps)
	}
	f.daily, f.weekly = l.skill.confirmed(f.period, f.longPeriod)
	f.keep(l)
	keep := keptErrors
	if g.perHour > 1 {
		keep = keptMinutes
	}
	f.conformal.learn(l.errors, keep, float64(g.perDay()), len(ps.fine)-1)
	m.since = 0
	m.tracker.refitted()
	m.expectAhead()
}

// bridged tells whether hours from before the last nx medium values are remembered.
func (m *Model) bridged(nx int) bool {
	if m.grids.hourlySize == 0 {
		return true
	}
	z := make([]float64, m.hourly.count())
	m.hourly.tail(z)
	return slices.ContainsFunc(z[:max(0, len(z)-nx/m.grids.perHour-1)], func(v float64) bool { return v == v })
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
	if g.perMedium > 1 {
		return max(min(m.medium.count(), g.mediumSize), m.fine.count()/g.perMedium)
	}
	return min(m.fine.count(), g.fineSize)
}

// prepare scales the values.
func (ps *window) rescale() {
	for i := range ps.fine {
		ps.fine[i] = ps.in(ps.fine[i])
	}
	if ps.perHour > 1 {
		for i := range ps.hourly {
			ps.hourly[i] = ps.in(ps.hourly[i])
		}
	}
}

// fill fills the gaps.
func (ps *window) fillGaps() {
	fillGaps(ps.fine, ps.fineSeen, ps.longPeriod*ps.perHour, ps.period*ps.perHour)
	if ps.perHour == 1 {
		return
	}
	fillGaps(ps.hourly, ps.hourlySeen, ps.longPeriod, ps.period)
	for i := range max(0, slices.Index(ps.fineSeen, true)) {
		ps.fine[i] = ps.fineFromHourly(i)
	}
}

// hour gives what the coarse values, as means of their steps, tell of the medium one at i.
func (ps *window) fineFromHourly(i int) float64 {
	last := len(ps.hourly) - 1
	u := max(0, min(float64(last)-(float64(len(ps.fine)-1-i)-float64(ps.perHour-1)/2)/float64(ps.perHour), float64(last)))
	j := int(u)
	return ps.hourly[j] + (u-float64(j))*(ps.hourly[min(j+1, last)]-ps.hourly[j])
}

// choosePool picks the members.
func (f *fit) choosePool(minutes bool) {
	f.pool = poolHours
	switch {
	case f.period == 0:
		f.pool = poolFlat
	case f.perHour > 1:
		f.pool = poolMinutes
	case minutes:
		f.pool = poolShort
	}
}

// regressions gives the regressions without what was learnt.
func (f *fit) regressions() (r [numRegressions]regression) {
	for i := range r {
		r[i].terms = newTerms(f.period, f.longPeriod, i == int(kindWeekly), i != int(kindPlain))
	}
	return r
}

// keep takes over what a backtest learnt.
func (f *fit) keep(l *crossValidation) {
	for i := range l.regressions {
		f.fitted[i] = l.regressions[i].fitted
		for j, b := range l.regressions[i].beta {
			f.coefficients[i][j] = float32(b)
		}
	}
	if n := 2 * (f.period + f.longPeriod); cap(f.profiles) < n {
		f.profiles = make([]uint16, 0, n/(1+oneIf(!slices.Contains(l.pool, kindPlain))))
	}
	if slices.Contains(l.pool, kindPlain) {
		f.profiles = l.profiles[0].codes(f.profiles)
	}
	if slices.Contains(l.pool, kindDaily) {
		f.profiles = l.profiles[1].codes(f.profiles)
	}
	f.memberErrors = l.scores.memberErrors(f.memberErrors.codes)
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
func (f *fit) standardise(ps *window) {
	first := max(0, slices.Index(ps.hourlySeen, true))
	ps.hourlyStandard, ps.hourlyBent = make([]float64, len(ps.hourly)), make([]float64, len(ps.hourly))
	for i, y := range ps.hourly {
		ps.hourlyBent[i] = asinh(y / f.scale.bendAt)
	}
	f.scale.plainAffine, f.scale.bentAffine = standard(ps.hourly[first:]), standard(ps.hourlyBent[first:])
	for i, y := range ps.hourly {
		ps.hourlyStandard[i] = f.scale.plainAffine.in(y)
		ps.hourlyBent[i] = f.scale.bentAffine.in(ps.hourlyBent[i])
	}
	ps.scale = f.scale
}

// status tells what stands against trusting the fit.
func (m *Model) status(ps *window, seen int) Status {
	n := len(ps.fine) - max(0, slices.Index(ps.fineSeen, true))
	season := max(m.grids.perDay(), ps.period*ps.perHour)
	if m.options.Seasons != nil {
		season = ps.period * ps.perHour
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
