package forecast

import "math"

// trajectory is what a member forecasts for the coarse steps ahead, for members that think in those. They share how it
// is read at a fine lead: between its coarse steps, with what a sample has beyond its hour.
type trajectory struct {
	values []float64 // none where the member cannot tell
	store  [maxTrajectory]float64
}

// maxTrajectory is how many coarse steps ahead there is room for without allocating.
const maxTrajectory = 176

// none says that the member cannot tell.
func (t *trajectory) none() { t.values = nil }

// of returns the values for so many steps, to be set.
func (t *trajectory) of(steps int) []float64 {
	t.values = t.store[:]
	if steps > maxTrajectory {
		t.values = make([]float64, steps)
	}
	t.values = t.values[:steps]
	return t.values
}

func (t *trajectory) forecast(e *ensemble, lead int) float64 {
	switch {
	case t.values == nil:
		return math.NaN()
	case e.perHour == 1:
		return t.values[lead-1]
	}
	return e.betweenHours(t.values, lead) + e.withinHour(lead)
}
