package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

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
	edgeMonths  = 24   // that the ends of months are learnt from, at least
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

// newSpecial returns nil where there are no special days and the ends of months are not learnt.
func newSpecial(o *Options) *special {
	if len(o.Days) == 0 && !o.Months {
		return nil
	}
	n := uint8(0)
	for _, d := range o.Days {
		n = max(n, d.Kind)
	}
	return &special{kinds: make([]like, n)}
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
	if s.day = 0; s.kind == monthEdge {
		return
	}
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
	return numeric.Median(seen[:n])
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
		return m.hourly.lag(int(m.hourly.next-1-numeric.FloorDiv(t, g.coarseStep()))) / part
	}
	i := numeric.FloorDiv(t, g.step)
	if m.outliers.has(i) {
		return math.NaN()
	}
	return m.fine.lag(int(m.fine.next-1-i)) / part
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
