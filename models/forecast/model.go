package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// Model learns one series. It is not safe for concurrent use.
type Model struct {
	options  *Options
	grids    grids
	end      int64
	since    int      // samples since the refit
	fine     ring     // of samples
	medium   ring     // of every r-th; unused where r is 1
	hourly   ring     // of clock hours' means; unused where the step is an hour or more
	hour     hourMean // the clock hour under way
	outliers outlierMask
	fit      fit
	expected expectedHour
	tracker  tracker
	months   *months  // nil: not wanted
	special  *special // nil: there are no special days, nor ends of months
}

// New returns a model that has seen nothing.
func New(o *Options) *Model {
	m := &Model{options: o, grids: newGrids(o.Step)}
	m.fine = newRing(m.grids.fineSize)
	if m.grids.mediumSize > 0 {
		m.medium = newRing(m.grids.mediumSize)
	}
	if m.grids.hourlySize > 0 {
		m.hourly = newRing(m.grids.hourlySize)
	}
	m.outliers = newOutlierMask(m.grids.fineSize)
	m.tracker = newTracker(len(o.Horizons))
	m.special = newSpecial(o)
	m.months = newMonths(o.Months)
	return m
}

// Observe learns the sample v of time t; NaN and skipped moments are missing, moments not after the newest are ignored.
// An anomalous sample is learnt by fits and expectations as if it were missing, until [Model.Accept] says otherwise or the
// like of it recurs a week later; forecasts see such samples once they go on.
func (m *Model) Observe(t int64, v float64, anomalous bool) {
	i := numeric.FloorDiv(t, m.grids.step)
	if !m.fine.empty() && i < m.fine.next {
		return
	}
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	special := m.observeSpecial(t, v)
	if m.fit.done {
		m.track(t, i, v, anomalous, special)
		anomalous = anomalous && !m.recurs(t, i, v)
	}
	m.since += int(min(i+1-m.fine.next, 1<<20))
	m.end = t
	m.fine.push(i, v*part)
	switch {
	case special:
		m.outliers.except(i)
	case v == v:
		m.outliers.mark(i, anomalous)
	}
	m.observeMonths(t, v, anomalous || special && m.special.kind != monthEdge)
	if anomalous || special {
		v = math.NaN()
	}
	v *= part
	if r := int64(m.grids.perMedium); r > 1 && numeric.Modulo(i, r) == r-1 {
		m.medium.push(numeric.FloorDiv(i, r), v)
	}
	if k := int64(m.grids.perMedium * m.grids.perHour); k > 1 {
		m.collect(numeric.FloorDiv(i, k), v, numeric.Modulo(i, k) == k-1)
	}
	if m.fit.done && i >= m.expected.until(m.grids.perMedium) {
		m.expectAhead()
	}
}

// Accept says that the samples from time since on that were observed as anomalous are what is normal now. A refit is due.
func (m *Model) Accept(since int64) {
	if m.fine.empty() {
		return
	}
	first := numeric.FloorDiv(since, m.grids.step)
	m.outliers.accept(first, m.fine.next-1)
	m.exceptSpecial(first)
	if m.fit.done {
		m.since = max(m.since, m.grids.perDay()*m.grids.perMedium, leastRefit)
		m.expectAhead()
	}
}

// Lag returns the sample k steps before the newest (0), NaN where it is missing or no longer remembered. At least seven
// days are remembered at steps of 5 minutes and more, at least 2,016 samples below.
func (m *Model) Lag(k int) float64 { return m.fine.lag(k) / part }

// End is the time of the newest moment observed, 0 where there is none.
func (m *Model) End() int64 { return m.end }

// Due reports whether a refit is wanted: none was made and there is a day of whole steps and 30 samples, the last is a day old,
// samples were accepted since, or it is a quarter of a day old and most of the recent samples lay outside of what was
// expected.
func (m *Model) Due() bool {
	perDay := m.grids.perDay() * m.grids.perMedium
	switch {
	case !m.fit.done:
		return !m.fine.empty() && m.fine.next-m.fine.first >= int64(max(perDay, 30)) &&
			m.reach() >= m.grids.perDay()+min(1, m.grids.perMedium-1) // the first of longer steps is seldom whole
	case m.since >= max(perDay, leastRefit):
		return true
	}
	return m.since >= max(perDay/4, 8) && m.tracker.drifted()
}

// Info returns what was learnt.
func (m *Model) Info() Info {
	f := &m.fit
	if !f.done {
		return Info{Status: WarmingUp, Model: "none"}
	}
	return Info{Status: f.status, Model: f.name(), Seasons: m.seasons()}
}
