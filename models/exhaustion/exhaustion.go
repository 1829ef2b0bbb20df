// Package exhaustion tells when a limit will be reached, as a distribution.
//
// The law is that of the running maximum, learnt from the series' own past rises, instead of the moment at which one
// line crosses the limit. What was never seen keeps a small probability by a heavy tail, and an envelope of the peaks
// keeps a series that is cleaned from looking like one that grows. A falling limit is the mirror of a rising one.
//
// Read exhaustion.go ([Model.Assess] puts it together), ring.go and track.go (what is remembered), learn.go (rises of
// the past, predicted by predictor.go) and law.go (their distribution), then the present: trend.go, line.go, regime.go,
// present.go. budget.go is about error budgets. Chosen numbers, with their reasons, are in constants.go.
package exhaustion

import (
	"math"
	"time"
)

// Reach is how far ahead a limit is looked for.
const Reach = 14 * 24 * time.Hour

// Ahead returns how far the law of a series looks that is known for so long.
func Ahead(known time.Duration) time.Duration {
	return min(Reach, time.Duration(trusted*float64(known)))
}

// Options say what counts as reached and what is asked for. They are shared and never changed after use.
type Options struct {
	Falling   bool            // reached at or below the limit
	Sustained time.Duration   // reached when the median over this time is; 0: by one sample
	Within    []time.Duration // for which probabilities are given, each at most Reach
}

// Probabilities are those of the quantiles in Assessment.Seconds.
var Probabilities = [3]float64{0.1, 0.5, 0.9}

// Assessment is the law of the time to the limit.
type Assessment struct {
	Known       bool          // false: too little was seen or there is no limit; Seconds are +Inf and Probability 0 then
	Reached     bool          // now: Seconds are 0 and Probability 1
	Seconds     [3]float64    // quantiles given that it is reached within Reach; +Inf where that is less likely than 1 in 20
	Probability []float64     // unconditional, for each of Options.Within; for longer ones than Ahead, at least so much
	Ahead       time.Duration // how far the law is known, at most Reach: a young series says nothing of next week
}

// Stated returns the probability for Options.Within[i], which is within: what may be shown and exported. It is NaN where
// that is further than Ahead, but for a limit that is likely to be reached already before.
func (a *Assessment) Stated(i int, within time.Duration) float64 {
	if p := a.Probability[i]; within <= a.Ahead || p >= likely {
		return p
	}
	return math.NaN()
}

// Model learns how one series grows. It is not safe for concurrent use.
type Model struct {
	options *Options
	ring    ring
	track   track
	law     law
	present present
}

// New returns a model that has seen nothing. step is in milliseconds.
func New(step int64, o *Options) *Model {
	m := &Model{options: o, ring: newRing(step, o), law: law{end: never}}
	m.track = newTrack(max(step, 1), m.ring.width)
	return m
}

// Observe learns the sample v of time t (Unix milliseconds), in constant time and without allocating but for once a
// bucket. NaN, infinite and skipped samples are missing, samples not after the newest are ignored. All is learnt in the
// unit of the series and nothing relative to a limit, so that one that changes neither resets nor bends the growth.
func (m *Model) Observe(t int64, v float64) {
	r := &m.ring
	before, unit := r.head, r.unit
	newer := t > r.last
	r.observe(t, m.mirror(v))
	if !newer || r.unit == 0 {
		return
	}
	if unit != 0 && unit != r.unit {
		m.track.rescale(unit / r.unit)
	}
	if r.head != before || m.track.First == unset {
		m.track.bucket(r, before)
	}
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		m.track.observe(t, r.sample)
	}
}

// Assess fills dst, reusing its slice, for the limit, as of the newest sample. A limit that is NaN or infinite is none.
// Enough was seen from 24 buckets on, a bucket being the longer of the step and the shorter of an hour and a 24th of
// the smallest Options.Within. The law is learnt anew at the first call after a bucket has ended; the calls between
// hold the newest level against it.
func (m *Model) Assess(dst *Assessment, limit float64) {
	dst.unknown(len(m.options.Within))
	if math.IsNaN(limit) || math.IsInf(limit, 0) {
		return
	}
	limit = float64(float32(m.ring.scaled(m.mirror(limit)))) // as precise as what is held against it
	if m.ring.window > 0 {
		limit = float64(coarse(float32(limit)))
	}
	newest := m.ring.newest()
	if newest >= limit {
		dst.reached()
		return
	}
	if end := m.ring.complete(); m.law.end != end {
		var p path
		p.fill(&m.ring, end)
		m.law.learn(&p, &m.ring, end, m.age())
		m.present.learn(&p, &m.track, &m.ring)
	}
	if m.law.count == 0 || math.IsNaN(newest) {
		return
	}
	dst.Known = true
	var f mixed
	f.unit = float64(m.ring.width) / 1000
	m.law.base(&f.base, limit-m.law.trend.level(&m.ring, newest, limit), m.ring.width, m.present.saw)
	if each, period, ok := m.present.cycles(limit, m.ring.last); ok {
		f.each, f.period = each, float64(period)/1000
	}
	if mean, spread, ok := m.track.staircase(limit, m.ring.width, m.ring.last); ok {
		f.stairs, f.stairsSpread = mean/1000, spread
	}
	if g, ok := m.present.rise(&m.track, &m.ring, limit, m.ring.last); ok {
		f.mean, f.spread, f.share = g.reach()
		f.mean *= f.unit
	}
	f.assess(dst, m.options.Within)
}

// age returns for how many buckets the series is known.
func (m *Model) age() float64 {
	if m.track.First == unset {
		return 0
	}
	return float64(m.ring.last-m.track.First) / float64(m.ring.width)
}

func (m *Model) mirror(v float64) float64 {
	if m.options.Falling {
		return -v
	}
	return v
}

// unknown says nothing, for n times.
func (a *Assessment) unknown(n int) {
	a.Known, a.Reached, a.Ahead = false, false, 0
	a.Probability = a.Probability[:0]
	for range n {
		a.Probability = append(a.Probability, 0)
	}
	for i := range a.Seconds {
		a.Seconds[i] = math.Inf(1)
	}
}

func (a *Assessment) reached() {
	a.Known, a.Reached, a.Ahead = true, true, Reach
	clear(a.Seconds[:])
	for i := range a.Probability {
		a.Probability[i] = 1
	}
}
