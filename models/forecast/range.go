package forecast

// within holds a forecast to where the series may be at a lead.
func (v *ensemble) clamp(y float64, lead int) float64 {
	less, more := v.growth(lead)
	low := max(v.scale.least, min(v.scale.low, v.newLow)+less)
	high := min(v.scale.most, max(v.scale.high, v.newHigh)+more)
	return max(low, min(y, high))
}

// growth is how far beyond the usual range a forecast may go at a lead because the series grows: less and more, each
// on its side of 0.
func (v *ensemble) growth(lead int) (less, more float64) {
	u := float64(lead)/float64(v.perHour) + 1
	p := float64(v.seasonOf())
	for _, d := range [...]float64{v.plainDrift.season * u / p, v.bentGrowth(u / p)} {
		less, more = min(less, d), max(more, d)
	}
	return less, more
}

// bentGrowth is how far the level grows in so many seasons at the drift of the bent scale.
func (v *ensemble) bentGrowth(seasons float64) float64 {
	d := &v.bentDrift
	if d.season == 0 {
		return 0
	}
	now := v.scale.unbendFree(d.level[0])
	return v.scale.unbendFree(d.level[0]+d.season*seasons) - now
}
