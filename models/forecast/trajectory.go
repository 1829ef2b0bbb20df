package forecast

import "math"

// trajectory is what a member forecasts for the coarse steps ahead, for members that think in those. They share how it
// is read at a fine lead: between its coarse steps, with what a sample has beyond its hour.
type trajectory struct {
	values []float64 // none where the member cannot tell
	bent   bool      // those not yet straight are on the bent scale
	free   bool      // and not held to the usual range
	store  [maxTrajectory]float64
	done   [(maxTrajectory + 63) / 64]uint64 // those that are straight, a bit each
}

// none says that the member cannot tell.
func (t *trajectory) none() { t.values = nil }

// of returns the values for so many steps, to be set.
func (t *trajectory) of(steps int) []float64 {
	t.values, t.bent = t.store[:], false
	if steps > maxTrajectory {
		t.values = make([]float64, steps)
	}
	t.values = t.values[:steps]
	return t.values
}

// onBentScale says that the values are on the bent scale. Few of many are read, so each is straightened when it is.
func (t *trajectory) onBentScale(e *ensemble, free bool) {
	t.bent, t.free = true, free
	clear(t.done[:])
	for h := maxTrajectory; h < len(t.values); h++ {
		t.values[h] = t.straight(e, t.values[h])
	}
}

func (t *trajectory) straight(e *ensemble, q float64) float64 {
	if t.free {
		return e.unbendFree(q)
	}
	return e.unbend(q)
}

// at returns the value of coarse step h ahead, from 0 on.
func (t *trajectory) at(e *ensemble, h int) float64 {
	if t.bent && h < maxTrajectory && t.done[h/64]&(1<<(h%64)) == 0 {
		t.values[h] = t.straight(e, t.values[h])
		t.done[h/64] |= 1 << (h % 64)
	}
	return t.values[h]
}

func (t *trajectory) forecast(e *ensemble, lead int) float64 {
	switch {
	case t.values == nil:
		return math.NaN()
	case e.perHour == 1:
		return t.at(e, lead-1)
	}
	u := (float64(lead) + float64(e.perHour-1)/2) / float64(e.perHour) // a coarse value stands in the middle of its samples
	h := int(u)
	before := e.hourly[e.cutoff.hourly]
	if h > 0 {
		before = t.at(e, h-1)
	}
	return before + (u-float64(h))*(t.at(e, h)-before) + e.withinHour(lead)
}
