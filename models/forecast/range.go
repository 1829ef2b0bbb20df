package forecast

// rangeAt returns where the series may be at a lead: somewhat beyond what was seen, further where it grows, and never
// beyond its bounds.
func (e *ensemble) rangeAt(lead int) (low, high float64) {
	less, more := e.growth(lead)
	low = max(e.least, min(e.low, e.newLow)+less)
	high = min(e.most, max(e.high, e.newHigh)+more)
	return low, high
}

// clamp holds a forecast to where the series may be at a lead.
func (e *ensemble) clamp(y float64, lead int) float64 {
	low, high := e.rangeAt(lead)
	return max(low, min(y, high))
}

// growth returns how far beyond the usual range a forecast may go at a lead because the series grows: less and more,
// each on its side of 0.
func (e *ensemble) growth(lead int) (less, more float64) {
	u := float64(lead)/float64(e.perHour) + 1
	p := float64(e.seasonOf())
	for _, d := range [...]float64{e.drift.season * u / p, e.bentGrowth(u / p)} {
		less, more = min(less, d), max(more, d)
	}
	return less, more
}

// bentGrowth returns how far the level grows in so many seasons at the drift of the bent scale.
func (e *ensemble) bentGrowth(seasons float64) float64 {
	d := &e.driftBent
	if d.season == 0 {
		return 0
	}
	return e.unbendFree(d.level[0]+d.season*seasons) - e.unbendFree(d.level[0])
}
