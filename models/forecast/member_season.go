package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// seasonalNaive forecasts the value a season before, the newest where there is no season.
type seasonalNaive struct{}

func (*seasonalNaive) name() string { return "seasonal_naive" }

func (*seasonalNaive) prepare(*ensemble, int) {}

func (*seasonalNaive) forecast(e *ensemble, lead int) float64 { return e.naive(lead) }

// seasonalShift forecasts the value a season before, shifted by what the last samples had beyond theirs, fading.
type seasonalShift struct{ shift float64 }

func (*seasonalShift) name() string { return "seasonal_shift" }

func (m *seasonalShift) prepare(e *ensemble, _ int) {
	m.shift = math.NaN()
	if s, last := e.period*e.perHour, e.cutoff.fine; last-e.first+1 >= s+shiftSteps {
		var d [shiftSteps]float64
		for i := range d {
			d[i] = e.fine[last-i] - e.fine[last-i-s]
		}
		m.shift = numeric.Trimmed(d[:])
	}
}

func (m *seasonalShift) forecast(e *ensemble, lead int) float64 {
	if i := e.seasonBefore(lead); e.period > 0 && i >= e.first {
		return e.fine[i] + m.shift*math.Exp(logShiftDecay*float64(lead))
	}
	return math.NaN()
}

// seasonalMedian forecasts the median of the same moment of several seasons.
type seasonalMedian struct{}

func (*seasonalMedian) name() string { return "seasonal_median" }

func (*seasonalMedian) prepare(*ensemble, int) {}

func (*seasonalMedian) forecast(e *ensemble, lead int) float64 {
	s := e.period * e.perHour
	var d [medianPast]float64
	n := 0
	for i := e.seasonBefore(lead); n < medianPast && i >= e.first && s > 0; i -= s {
		d[n] = e.fine[i]
		n++
	}
	if n == 0 {
		return math.NaN()
	}
	return numeric.Median(d[:n])
}
