package forecast

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// gatherSparse unpacks only what a few leads need: the last day and some hours, and the same moments of the days before;
// those of now too. It reports false where something is missing there, which all of the past tells: then gather everything.
func (m *Model) gatherSparse(ps *window, leads []float64) bool {
	x, n, k := ps.fine, len(ps.fine), ps.perHour
	season := ps.period * k
	exact := m.grids.exactSpan(n)
	recent := max(min(n, season+3*k), exact)
	last := x[n-recent:]
	m.fine.read(last, recent-1)
	m.outliers.apply(last, m.fine.next-1)
	if slices.ContainsFunc(last, math.IsNaN) {
		return false
	}
	m.gatherHourly(ps.hourly, x[n-exact:])
	markPresent(ps.hourlySeen, ps.hourly)
	for i := range ps.hourly {
		ps.hourly[i] = ps.inKept(ps.hourly[i])
	}
	m.takeEvents(ps, false)
	fillGaps(ps.hourly, ps.hourlySeen, ps.longPeriod, ps.period)
	enough := true
	take := func(lo, hi int) {
		for i := lo; i < hi && enough; i++ {
			event, _ := m.eventBack(n - 1 - i)
			x[i] = ps.inKept(x[i]) - event
			enough = x[i] == x[i]
		}
	}
	before := func(lead int) {
		for i := int(numeric.Modulo(int64(n-1+lead), int64(season))) - season; i < n-recent; i += season {
			if lo, hi := max(i, 0), min(i+3*k, n-recent); lo < hi {
				m.fine.read(x[lo:hi], n-1-lo)
				m.outliers.apply(x[lo:hi], m.fine.next-1-int64(n-hi))
				take(lo, hi)
			}
		}
	}
	for _, u := range leads {
		before(int(u)/k*k - k/2)
	}
	before(-k / 2)
	take(n-recent, n)
	return enough
}
