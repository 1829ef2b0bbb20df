package forecast

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

// likeOf gives what a special day is like beside a usual one of its weekday: the last ones of its kind, or else a Sunday,
// as it is forecast.
func (m *Model) likeOf(number int64, kind uint8) like {
	if kind == monthEdge {
		return like{days: edgeMonths}
	}
	if today, _ := m.dayAt(m.end); number > today+7 { // weeks are alike: the coming one is looked at
		number = today + 1 + numeric.Modulo(number-today-1, 7)
	}
	if known := &m.special.kinds[kind-1]; known.days > 0 {
		return m.onWeekday(*known, number)
	}
	sunday := number + numeric.Modulo(sundayIs-number, 7)
	var d like
	var leads [2 * hoursADay]float64
	for h := range hoursADay {
		leads[h] = m.aheadOf(m.momentOf(number, h))
		leads[hoursADay+h] = m.aheadOf(m.momentOf(sunday, h))
	}
	s := m.prepare(leads[:], false)
	defer s.release()
	for h := range hoursADay {
		d.regular[h], d.special[h] = m.value(s.centreAt(leads[h])), m.value(s.centreAt(leads[hoursADay+h]))
		d.count[h] = 1
	}
	return d
}

// onWeekday turns what days of a kind are beside a week into what they are beside the weekday of a day.
func (m *Model) onWeekday(d like, number int64) like {
	for h := range d.count {
		weekday, all := m.regularAt(number, h), m.weekAt(number, h)
		switch {
		case d.count[h] == 0 || weekday != weekday || all != all:
		case m.ratios(weekday, all):
			d.regular[h] *= weekday / all
		default:
			d.regular[h] += weekday - all
		}
	}
	return d
}

// ratios reports whether two values are told apart by a factor: those of series that are never negative, far enough
// from zero.
func (m *Model) ratios(a, b float64) bool {
	s := &m.fit.scale
	least := leastUsual * s.unit
	return a > least && b > least && m.neverNegative()
}

// aheadOf is a moment in medium steps ahead, at least one.
func (m *Model) aheadOf(t int64) float64 {
	return m.ahead(time.Duration(max(t-m.end, m.grids.step)) * time.Millisecond)
}

// shiftAt is what the errors of the special day under way add to a moment of it.
func (m *Model) shiftAt(t int64) float64 {
	return m.special.shift * math.Exp(-float64(max(0, t-m.end))/float64(shiftFade*hour))
}

// adjusting turns forecasts of usual days into those of special ones.
type adjusting struct {
	m      *Model
	number int64
	like   like
}

// largestAlike is from where on values are too large to be added to each other.
const largestAlike = 1e300

// at changes the forecast of moment t where that is on a special day.
func (a *adjusting) at(t int64, mean *float64, lower, upper []float64) {
	m := a.m
	kind, number, h := m.kindAt(t)
	if kind == 0 || *mean != *mean || !m.fit.scale.below(largestAlike) {
		return
	}
	if a.number != number {
		a.number, a.like = number, m.likeOf(number, kind)
	}
	usual := *mean
	special := usual
	if kind == monthEdge {
		special *= m.months.Edge(number)
	} else {
		special = m.apply(&a.like, usual, h)
	}
	doubt := doubtSunday
	if a.like.days > 0 {
		doubt = doubtLearnt / math.Sqrt(float64(a.like.days))
	}
	doubt *= doubtWidth * math.Abs(special-usual)
	if number == m.special.day {
		special += m.shiftAt(t)
	}
	special = m.bounded(special)
	*mean = special
	for i := range lower {
		below, above := usual-lower[i], upper[i]-usual
		lower[i] = min(*mean, m.bounded(special-math.Hypot(below, doubt)))
		upper[i] = max(*mean, m.bounded(special+math.Hypot(above, doubt)))
	}
}

// apply gives what a special day makes of a usual value: a multiple of it for series that are never negative, else as
// much more or less.
func (m *Model) apply(d *like, usual float64, h int) float64 {
	for back := range hoursADay { // at long steps not every hour is seen
		i := (h - back + hoursADay) % hoursADay
		if d.count[i] == 0 {
			continue
		}
		a, b := d.special[i], d.regular[i]
		if a >= 0 && m.ratios(b, usual) {
			return usual * min(a/b, mostRatio)
		}
		return usual + a - b
	}
	return usual
}

// neverNegative reports whether no value was below zero.
func (m *Model) neverNegative() bool {
	s := &m.fit.scale
	return s.least >= s.in(0)
}

// bounded keeps a value where the series may be.
func (m *Model) bounded(v float64) float64 {
	if m.neverNegative() {
		v = max(v, 0)
	}
	return m.inBounds(v)
}

// adjustToday changes an expectation of the next samples. What a day without a like is like is looked up once.
func (m *Model) adjustToday(t int64, e *interval.Interval) {
	kind, number, _ := m.kindAt(t)
	if kind == 0 || e.Mean != e.Mean {
		return
	}
	a := adjusting{m: m, number: m.special.likeDay, like: m.special.like}
	lower, upper := [1]float64{e.Lower}, [1]float64{e.Upper}
	a.at(t, &e.Mean, lower[:], upper[:])
	e.Lower, e.Upper = lower[0], upper[0]
	if number != m.special.likeDay {
		m.special.likeDay, m.special.like = number, a.like
	}
}

// expectSpecial does the same to a scaled forecast and reports whether t is on a special day.
func (m *Model) expectSpecial(t int64, mean *float64, lower, upper []float64) bool {
	kind, _, _ := m.kindAt(t)
	if kind == 0 {
		return false
	}
	s := &m.fit.scale
	v := s.out(*mean)
	for i := range lower {
		lower[i], upper[i] = s.out(lower[i]), s.out(upper[i])
	}
	a := adjusting{m: m}
	a.at(t, &v, lower, upper)
	*mean = s.in(v)
	for i := range lower {
		lower[i], upper[i] = s.in(lower[i]), s.in(upper[i])
	}
	return true
}
