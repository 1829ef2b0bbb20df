package forecast

import "math"

// ensemble is a pool of members on a window, ready to forecast from one cutoff.
type ensemble struct {
	*window
	cutoff      cutoff
	members     []member
	regressions *[numRegressions]regression
	first       int  // index of the first fine value that was seen
	firstHourly int  // and of the first coarse one
	short       bool // too little is there for two grids

	drift, driftBent drift
	newLow, newHigh  float64 // of the newest values, where the range may have been left
	insideAt         int     // the lead that inside was asked for
	inside           float64
	roster           roster
}

// prepare readies the members at a cutoff for leads of up to h fine steps.
func (e *ensemble) prepare(at cutoff, h int) {
	e.cutoff = at
	e.insideAt = 0
	e.drift, e.driftBent = e.driftOf(e.hourly), e.driftOf(e.hourlyBent)
	e.newLow, e.newHigh = math.Inf(1), math.Inf(-1)
	for _, y := range e.fine[max(e.first, at.fine+1-newest) : at.fine+1] {
		e.newLow, e.newHigh = min(e.newLow, y), max(e.newHigh, y)
	}
	steps := (h+e.perHour/2)/e.perHour + 2
	for _, m := range e.members {
		m.prepare(e, steps)
	}
}

// forecast fills dst, one for each member of the pool, with what they forecast lead fine steps after the cutoff; NaN
// where one cannot tell.
func (e *ensemble) forecast(dst []float64, lead int) {
	low, high := e.rangeAt(lead)
	for i, m := range e.members {
		dst[i] = max(low, min(m.forecast(e, lead), high))
	}
}

// naive returns the value a season before, the newest where there is no season; NaN where that was not seen.
func (e *ensemble) naive(lead int) float64 {
	if e.period == 0 {
		return e.fine[e.cutoff.fine]
	}
	if i := e.seasonBefore(lead); i >= e.first {
		return e.fine[i]
	}
	return math.NaN()
}

// seasonBefore returns the index of the fine value that is one season before the lead, or, where that has not come yet,
// the least number of seasons; the lead itself where there is no season.
func (e *ensemble) seasonBefore(lead int) int {
	i := e.cutoff.fine + lead
	if s := e.period * e.perHour; s > 0 {
		i -= s * ((lead + s - 1) / s)
	}
	return i
}

// firstHourlySeen returns the index of the first coarse value that was seen.
func (e *ensemble) firstHourlySeen() int {
	if e.perHour == 1 {
		return e.first
	}
	return e.firstHourly
}
