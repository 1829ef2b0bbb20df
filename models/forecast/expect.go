package forecast

import (
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

// expectedHour is what is expected of the coming hour, made from the samples up to one moment: at whole medium steps.
type expectedHour struct {
	from   int64 // number of the newest sample then; there is none where n is 0
	n      int
	points [maxPath]point
}

// point is an expectation, scaled.
type point struct{ mean, lower, upper float32 }

// until is the number of the sample after which new expectations are wanted.
func (p *expectedHour) until(r int) int64 { return p.from + int64(p.n*r) }

// Expect returns the expectation of time t, from samples before t; NaN before the first fit and after a gap longer than
// what is remembered.
func (m *Model) Expect(t int64) interval.Interval {
	e := m.usual(t)
	m.adjustToday(t, &e)
	return e
}

// usual returns the expectation of time t if it were on no special day.
func (m *Model) usual(t int64) interval.Interval {
	number := numeric.FloorDiv(t, m.grids.step)
	l := number - m.expected.from
	if !m.fit.done || l < 1 {
		return interval.Unknown()
	}
	u := max(1, float64(l)/float64(m.grids.perMedium))
	if u > float64(m.expected.n) {
		after := number - m.fine.next + 1
		if after > int64(m.grids.fineSize) {
			return interval.Unknown()
		}
		return m.expectAfter(after)
	}
	i := int(u)
	a := m.expected.points[i-1]
	if part := float32(u - float64(i)); part > 0 {
		b := m.expected.points[i]
		a.mean += part * (b.mean - a.mean)
		a.lower += part * (b.lower - a.lower)
		a.upper += part * (b.upper - a.upper)
	}
	return interval.Interval{Mean: m.value(float64(a.mean)), Lower: m.value(float64(a.lower)), Upper: m.value(float64(a.upper))}
}

// expectAfter returns the expectation l samples after the newest one, however many are missing between.
func (m *Model) expectAfter(l int64) interval.Interval {
	var lower, upper [1]float64
	level := [1]float64{m.options.Level}
	u := [1]float64{max(1, float64(l)/float64(m.grids.perMedium))}
	s := m.prepare(u[:], false)
	defer s.release()
	c := s.intervalAt(lower[:], upper[:], level[:], s.centreAt(u[0]), u[0])
	return interval.Interval{Mean: m.value(c), Lower: m.value(lower[0]), Upper: m.value(upper[0])}
}

// expectAhead expects the coming hour, with edges read at its beginning and end, and issues forecasts.
func (m *Model) expectAhead() {
	level := [1]float64{m.options.Level}
	p := &m.expected
	p.from, p.n = m.fine.next-1, min(m.fit.perHour, maxPath)
	var leads [maxSparseLeads]float64
	n := m.issueLeads(leads[:])
	s := m.prepare(leads[:n], false)
	defer s.release()
	a, b := &s.offsets[0], &s.offsets[1]
	s.offsetsAt(a, 1, level[:])
	s.offsetsAt(b, p.n, level[:])
	for l := 1; l <= p.n; l++ {
		part := 0.0
		if d := b.lead - a.lead; d > 0 {
			part = float64(l-a.lead) / float64(d)
		}
		y := s.centreAt(m.ahead(time.Duration(int64(l)*m.grids.mediumStep()) * time.Millisecond))
		_, doubt := m.eventBack(-l)
		below, above := widen(a.lower[0]+part*(b.lower[0]-a.lower[0]), a.upper[0]+part*(b.upper[0]-a.upper[0]), doubt, m.options.Level)
		lo, hi := y+below, y+above
		y = s.ensemble.clamp(y+a.bias+part*(b.bias-a.bias), l)
		lo, hi = s.inside(min(y, s.ensemble.clamp(lo, l)), y, max(y, s.ensemble.clamp(hi, l)))
		p.points[l-1] = point{mean: float32(y), lower: float32(lo), upper: float32(hi)}
	}
	m.issue(s)
}
