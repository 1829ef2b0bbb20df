package forecast

import (
	"cmp"
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// gather builds the newest len(x) medium and len(z) coarse values from the rings, in local time, unscaled, missing ones
// NaN. Both end at the newest sample. Coarse values are means of k medium steps over the newest exact ones; before them
// the clock's hours are shifted to that. hourly is fine where perHour is 1.
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
	skip := m.medium.next - numeric.FloorDiv(m.fine.next-1-int64(n*r), int64(r)) - 1
	for i := range older {
		older[i] = m.medium.lag(int(skip) + len(older) - 1 - i)
	}
	for i := range n {
		if x[len(x)-1-i] = m.fine.lag(i * r); m.outliers.has(m.fine.next - 1 - int64(i*r)) {
			x[len(x)-1-i] = math.NaN()
		}
	}
}

// gatherHourly fills z with the newest coarse values, given the newest medium ones, and bridges an outage at its beginning.
func (m *Model) gatherHourly(z, newest []float64) {
	m.coarseTail(z)
	m.rebin(z, newest)
	m.bridge(z)
}

// coarseTail fills z with coarse means that end where the samples end, from the clock's hours on either side.
func (m *Model) coarseTail(z []float64) {
	k := int64(m.grids.perMedium * m.grids.perHour)
	share := float64(numeric.Modulo(m.fine.next, k)) / float64(k)
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
		z[len(z)-1-i] = numeric.Mean(x[len(x)-(i+1)*k : len(x)-i*k])
	}
}
