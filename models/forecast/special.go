package forecast

import (
	"math"
	"slices"
	"time"
)

// SpecialDay is a day of local time that is unlike others of its weekday, such as a holiday.
type SpecialDay struct {
	Number int64 // days since 1 January 1970
	Kind   uint8 // from 1: days of one kind are alike
}

const (
	likeWeeks   = 3    // before a special day, whose median tells what it would have been otherwise
	likeRecent  = 0.5  // weight of the newest day of a kind among those before it
	mostRatio   = 4.   // of a special hour to a usual one, of series that are never negative
	leastUsual  = 1e-3 // of the range: below, differences are used instead of ratios
	doubtLearnt = 0.25 // standard deviation of what a special day adds, as a share of it, once a like day was seen
	doubtSunday = 0.5  // and where only a Sunday tells
	doubtWidth  = 2    // standard deviations that an interval is widened by
	shiftFade   = 12   // hours ahead at which the errors of a special day under way have faded
	shiftHours  = 1    // that the errors are a slow mean of
	sundayIs    = 3    // modulo 7: the first day was a Thursday
)

// special learns what days of each kind are like, by hours of local time. Their samples are learnt by nothing else.
type special struct {
	kinds []like // by SpecialDay.Kind - 1
	today like   // the special day under way: what it is, and what its like was in usual
	day   int64  // its number; 0: none
	kind  uint8
	shift float64 // slow mean of the errors of what was expected of today, in units of the series

	likeDay int64 // the day that like was looked up for
	like    like
}

// like is the course of a special day beside that of the week before it, since a holiday is much the same on any
// weekday. An hour that was not seen is NaN.
type like struct {
	days             int // that it was learnt from
	count            [hoursADay]int32
	special, regular [hoursADay]float64
}

// newSpecial returns nil where there are no special days.
func newSpecial(days []SpecialDay) *special {
	if len(days) == 0 {
		return nil
	}
	n := uint8(0)
	for _, d := range days {
		n = max(n, d.Kind)
	}
	return &special{kinds: make([]like, n)}
}

// dayAt returns the local day and hour of a moment.
func (m *Model) dayAt(t int64) (number int64, hourOf int) {
	local := t + clock{m.options.Location}.offset(t)
	return floorDiv(local, day), int(modulo(local, day) / hour)
}

// momentOf returns the moment of an hour of a local day.
func (m *Model) momentOf(number int64, hourOf int) int64 {
	c := clock{m.options.Location}
	local := number*day + int64(hourOf)*hour
	return local - c.offset(local-c.offset(local))
}

// kindOf returns the kind of a local day; 0: none.
func (m *Model) kindOf(number int64) uint8 {
	days := m.options.Days
	i, ok := slices.BinarySearchFunc(days, number, func(d SpecialDay, n int64) int {
		switch {
		case d.Number < n:
			return -1
		case d.Number > n:
			return 1
		}
		return 0
	})
	if !ok {
		return 0
	}
	return days[i].Kind
}

// kindAt returns the kind of the day of a moment and the hour in it.
func (m *Model) kindAt(t int64) (kind uint8, number int64, hourOf int) {
	if m.special == nil {
		return 0, 0, 0
	}
	number, hourOf = m.dayAt(t)
	return m.kindOf(number), number, hourOf
}

// observeSpecial learns a sample of a special day, and reports whether it is one: then nothing else is to learn it.
func (m *Model) observeSpecial(t int64, v float64) bool {
	s := m.special
	if s == nil {
		return false
	}
	kind, number, h := m.kindAt(t)
	if s.day != 0 && number != s.day {
		m.endSpecial()
	}
	if kind == 0 {
		return false
	}
	if s.day == 0 {
		s.day, s.kind, s.today, s.shift = number, kind, like{}, 0
	}
	if v != v {
		return true
	}
	if e := m.Expect(t); e.Mean == e.Mean {
		rate := -math.Expm1(-float64(m.grids.step) / float64(shiftHours*hour))
		s.shift += rate * (v - (e.Mean - m.shiftAt(t)) - s.shift)
	}
	d := &s.today
	d.count[h]++
	d.special[h] += (v - d.special[h]) / float64(d.count[h])
	return true
}

// endSpecial learns the special day that is over, unless too little of it was seen.
func (m *Model) endSpecial() {
	s := m.special
	d, number := &s.today, s.day
	s.day = 0
	seen := 0
	for h := range d.count {
		if d.count[h] == 0 {
			d.special[h] = math.NaN()
			continue
		}
		seen++
		d.regular[h] = m.weekAt(number, h)
	}
	whole := int(max(1, min(hoursADay, day/m.grids.step)))
	if seen < (whole+1)/2 {
		return
	}
	known := &s.kinds[s.kind-1]
	for h := range d.count {
		a, b := d.special[h], d.regular[h]
		if a != a || b != b {
			continue
		}
		if known.count[h] > 0 {
			a = known.special[h] + likeRecent*(a-known.special[h])
			b = known.regular[h] + likeRecent*(b-known.regular[h])
		}
		known.special[h], known.regular[h], known.count[h] = a, b, 1
	}
	known.days++
}

// regularAt returns what the weeks before say of an hour of a day: their median, NaN where none is remembered.
func (m *Model) regularAt(number int64, h int) float64 {
	var seen [likeWeeks]float64
	n := 0
	for week := 1; week <= 3*likeWeeks && n < likeWeeks; week++ {
		if before := number - int64(7*week); m.kindOf(before) == 0 {
			if v := m.hourAt(m.momentOf(before, h)); v == v {
				seen[n] = v
				n++
			}
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return median(seen[:n])
}

// weekAt returns the mean over the weekdays of what the weeks before a day say of an hour; NaN where half are unknown.
func (m *Model) weekAt(number int64, h int) float64 {
	sum, n := 0.0, 0
	for k := range int64(7) {
		if v := m.regularAt(number-k, h); v == v {
			sum += v
			n++
		}
	}
	if n < 4 {
		return math.NaN()
	}
	return sum / float64(n)
}

// hourAt returns the mean of the coarse step at t as it is remembered, NaN where it is not.
func (m *Model) hourAt(t int64) float64 {
	g := &m.grids
	if g.hourlySize > 0 {
		return m.hourly.lag(int(m.hourly.next-1-floorDiv(t, g.coarseStep()))) / part
	}
	i := floorDiv(t, g.step)
	if m.outliers.has(i) {
		return math.NaN()
	}
	return m.fine.lag(int(m.fine.next-1-i)) / part
}

// likeOf returns what a special day is like beside a usual one of its weekday: the last ones of its kind, or else a Sunday,
// as it is forecast.
func (m *Model) likeOf(number int64, kind uint8) like {
	if today, _ := m.dayAt(m.end); number > today+7 { // weeks are alike: the coming one is looked at
		number = today + 1 + modulo(number-today-1, 7)
	}
	if known := &m.special.kinds[kind-1]; known.days > 0 {
		return m.onWeekday(*known, number)
	}
	sunday := number + modulo(sundayIs-number, 7)
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

// at changes the forecast of moment t where that is on a special day.
func (a *adjusting) at(t int64, mean *float64, lower, upper []float64) {
	m := a.m
	kind, number, h := m.kindAt(t)
	if kind == 0 || *mean != *mean {
		return
	}
	if a.number != number {
		a.number, a.like = number, m.likeOf(number, kind)
	}
	usual := *mean
	special := m.apply(&a.like, usual, h)
	doubt := doubtSunday
	if a.like.days > 0 {
		doubt = doubtLearnt / math.Sqrt(float64(a.like.days))
	}
	doubt *= doubtWidth * math.Abs(special-usual)
	if number == m.special.day {
		special += m.shiftAt(t)
	}
	*mean = m.bounded(special)
	for i := range lower {
		below, above := usual-lower[i], upper[i]-usual
		lower[i] = min(*mean, m.bounded(special-math.Hypot(below, doubt)))
		upper[i] = max(*mean, m.bounded(special+math.Hypot(above, doubt)))
	}
}

// apply returns what a special day makes of a usual value: a multiple of it for series that are never negative, else as
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

// exceptSpecial holds the samples of special days from number first on for exceptions again.
func (m *Model) exceptSpecial(first int64) {
	if m.special == nil {
		return
	}
	for i := max(first, m.fine.next-int64(m.grids.fineSize)); i < m.fine.next; i++ {
		if kind, _, _ := m.kindAt(i * m.grids.step); kind != 0 {
			m.outliers.set(i, true)
		}
	}
}

// adjustToday changes an expectation of the next samples. What a day without a like is like is looked up once.
func (m *Model) adjustToday(t int64, e *Expectation) {
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

func (s *special) code(c *coder) {
	n := len(s.kinds)
	c.int(&n, 0, math.MaxUint8)
	for i := range n {
		var dropped like // of a kind that there is no more
		d := &dropped
		if i < len(s.kinds) {
			d = &s.kinds[i]
		}
		d.code(c)
	}
	s.today.code(c)
	s.like.code(c)
	c.int64(&s.day)
	c.int64(&s.likeDay)
	kind := int(s.kind)
	c.int(&kind, 0, math.MaxUint8)
	s.kind = uint8(kind)
	c.finite(&s.shift)
	if s.day != 0 && (kind == 0 || kind > len(s.kinds)) {
		s.day = 0 // of a kind that there is no more
	}
}

func (d *like) code(c *coder) {
	c.int(&d.days, 0, math.MaxInt32)
	for h := range d.count {
		n := int(d.count[h])
		c.int(&n, 0, math.MaxInt32)
		d.count[h] = int32(n)
		c.float64(&d.special[h])
		c.float64(&d.regular[h])
		c.demand(n == 0 || !math.IsInf(d.special[h], 0) && !math.IsInf(d.regular[h], 0))
	}
}
