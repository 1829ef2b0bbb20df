package forecast

import (
	"math"
)

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
