// Package predict forecasts one series: its seasons, a pool of simple models combined by their own past errors, and
// intervals from those errors.
package predict

import (
	"math"
	"time"
)

// Options say what to learn. They are shared and never changed after use.
type Options struct {
	Step     int64           // milliseconds between samples
	Seasons  []time.Duration // nil: found from the data; empty and not nil: none
	Location *time.Location  // that daily patterns follow; nil: UTC
	Minimum  *float64        // bounds of the values; nil: none
	Maximum  *float64        //
	Level    float64         // of the interval that Expect gives
	Horizons []time.Duration // at which Quality is measured
	Months   bool            // learn level and yearly season too, for horizons of months
	Days     []SpecialDay    // ascending; what they are like is learnt apart
}

// Status says whether a model forecasts, or why not.
type Status uint8

// The statuses of a model.
const (
	OK        Status = iota
	WarmingUp        // nothing fitted yet, or too little seen
	TooShort         // the history is shorter than what the series' season needs
	Constant         // one value only; it is forecast, with no width
	Gaps             // too many samples are missing
)

// Info describes what was learnt.
type Info struct {
	Status  Status
	Model   string          // the heaviest member of the combination, or the fallback's name
	Seasons []time.Duration // owned by the model
}

// Expectation is the forecast of one moment with its interval at Options.Level; NaN where there is none.
type Expectation struct{ Mean, Lower, Upper float64 }

// Forecast is what a model expects Lead after its newest sample. Lower[i] and Upper[i] are the edges at levels[i].
type Forecast struct {
	Lead         time.Duration
	Mean         float64
	Lower, Upper []float64
}

// Model learns one series. It is not safe for concurrent use.
type Model struct {
	options *Options
	grids   grids
	end     int64
	since   int  // samples since the refit
	fine    ring // of samples
	medium  ring // of every r-th; unused where r is 1
	coarse  ring // of clock hours' means; unused where the step is an hour or more
	bin     bin  // the clock hour under way
	odd     odd
	fit     fit
	path    path
	record  record
	months  *months  // nil: not wanted
	special *special // nil: there are no special days
}

// bin is the mean of a coarse step under way.
type bin struct {
	number int64
	sum    float64
	n      int
}

// New returns a model that has seen nothing.
func New(o *Options) *Model {
	m := &Model{options: o, grids: newGrids(o.Step)}
	m.fine = newRing(m.grids.samples)
	if m.grids.medium > 0 {
		m.medium = newRing(m.grids.medium)
	}
	if m.grids.coarse > 0 {
		m.coarse = newRing(m.grids.coarse)
	}
	m.odd = newOdd(m.grids.samples)
	m.record = newRecord(len(o.Horizons))
	m.special = newSpecial(o.Days)
	m.months = newMonths(o.Months)
	return m
}

// largest is the largest value that is told apart, so that differences do not overflow.
const largest = math.MaxFloat64 / 64

// Observe learns the sample v of time t; NaN and skipped moments are missing, moments not after the newest are ignored.
// score is the anomaly score of the sample: above 1, it is learnt with less weight.
func (m *Model) Observe(t int64, v, score float64) {
	i := floorDiv(t, m.grids.step)
	if !m.fine.empty() && i < m.fine.next {
		return
	}
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	v = max(-largest, min(v, largest))
	special := m.observeSpecial(t, v)
	if m.fit.done {
		m.judge(t, i, v, score > 1, special)
	}
	m.since += int(min(i+1-m.fine.next, 1<<20))
	m.end = t
	m.fine.push(i, v)
	switch {
	case special:
		m.odd.except(i)
		v = math.NaN()
	case v == v && m.odd.judge(i, score > 1, int(max(settleSteps, settleTime/m.grids.step))):
		v = math.NaN()
	}
	m.observeMonths(t, v)
	if r := int64(m.grids.r); r > 1 && modulo(i, r) == r-1 {
		m.medium.push(floorDiv(i, r), v)
	}
	if k := int64(m.grids.r * m.grids.k); k > 1 {
		m.collect(floorDiv(i, k), v, modulo(i, k) == k-1)
	}
	if m.fit.done && i >= m.path.until(m.grids.r) {
		m.expectAhead()
	}
}

// collect adds a sample to its clock hour and keeps that once it is over.
func (m *Model) collect(number int64, v float64, last bool) {
	b := &m.bin
	if b.number != number {
		if b.n > 0 {
			m.coarse.push(b.number, b.mean())
		}
		if !m.coarse.empty() && m.coarse.next < number {
			m.coarse.push(number-1, math.NaN())
		}
		*b = bin{number: number}
	}
	if v == v {
		b.sum += v
		b.n++
	}
	if last {
		m.coarse.push(number, b.mean())
		*b = bin{number: number + 1}
	}
}

func (b *bin) mean() float64 { return b.sum / float64(b.n) }

// Lag gives the sample k steps before the newest (0), NaN where it is missing or no longer remembered. At least seven
// days are remembered at steps of 5 minutes and more, at least 2,016 samples below.
func (m *Model) Lag(k int) float64 { return m.fine.lag(k) }

// End is the time of the newest moment observed, 0 where there is none.
func (m *Model) End() int64 { return m.end }

// Due tells whether a refit is wanted: none was made and there is a day and 30 samples, the last is a day old, or it is
// a quarter of that and most of the recent samples lay outside of what was expected.
func (m *Model) Due() bool {
	perDay := m.grids.perDay() * m.grids.r
	switch {
	case !m.fit.done:
		return !m.fine.empty() && m.fine.next-m.fine.first >= int64(max(perDay, 30))
	case m.since >= max(perDay, 4):
		return true
	}
	return m.since >= max(perDay/4, 8) && m.record.drifted()
}

// Info tells what was learnt.
func (m *Model) Info() Info {
	f := &m.fit
	if !f.done {
		return Info{Status: WarmingUp, Model: "none"}
	}
	return Info{Status: f.status, Model: f.name(), Seasons: m.seasons()}
}
