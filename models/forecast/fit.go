package forecast

import (
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// fit is what a refit learnt, in little space.
type fit struct {
	done               bool
	fallback           bool // seasonal naive did better than the combination
	status             Status
	best               int // the heaviest member
	bestName           string
	pool               pool
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
	events             weeklyEvents
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
	m.gather(ps.fine, ps.hourly, f.perHour, g.exactSpan(nx))
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
	f.phaseAtFit = numeric.Modulo(m.end+clock{m.options.Location}.offset(m.end), g.mediumStep()*int64(f.perHour))
	ps.rescale()
	if f.perHour > 1 {
		f.events = m.findEvents()
		m.takeEvents(ps, true)
	}
	m.chooseSeasons(ps)
	m.alignSeason(ps)
	ps.fillGaps()
	f.standardise(ps)
	f.choosePool(g.perHour > 1)
	f.status = m.status(ps, len(values))
	f.fallback = m.tracker.preferNaive(old.fallback)
	l := &crossValidation{pool: f.pool, short: f.pool == poolShort || f.pool == poolFlat, regressions: f.regressions()}
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
	if m.months != nil {
		m.months.Fit(m.options.Level)
	}
	m.tracker.refitted()
	m.expectAhead()
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

// regressions returns the regressions without what was learnt.
func (f *fit) regressions() (r [numRegressions]regression) {
	for i := range r {
		r[i].terms = newTerms(f.period, f.longPeriod, i == weeklyTerms, i != plainTerms)
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
	uses := regressionsOf(l.members)
	if n := 2 * (f.period + f.longPeriod); cap(f.profiles) < n {
		f.profiles = make([]uint16, 0, n/(1+numeric.OneIf(!uses[plainTerms])))
	}
	if uses[plainTerms] {
		f.profiles = l.profiles[0].codes(f.profiles)
	}
	if uses[dailyTerms] {
		f.profiles = l.profiles[1].codes(f.profiles)
	}
	f.memberErrors = l.scores.memberErrors(f.memberErrors.codes)
	best := 0
	for i := range l.members {
		a, b := &l.scores.all[i], &l.scores.all[best]
		if a.weight > 0 && (b.weight == 0 || a.sum*b.weight < b.sum*a.weight) {
			best = i
		}
	}
	f.best, f.bestName = best, l.members[best].name()
}

// status returns what stands against trusting the fit.
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
		return new(seasonalNaive).name()
	}
	return f.bestName
}
