package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// recentMedian forecasts the median of the last samples.
type recentMedian struct {
	index int // of how many it takes
	value float64
}

// recentSteps returns how many fine values such members take the median of.
func recentSteps(perHour int) [4]int {
	if perHour == 1 {
		return [4]int{2, 4, 12, 24}
	}
	return [4]int{1, 3, 12, 24}
}

func (m *recentMedian) name() string {
	return [...]string{"median_1", "median_2", "median_3", "median_4"}[m.index]
}

func (m *recentMedian) prepare(e *ensemble, _ int) {
	n := recentSteps(e.perHour)[m.index]
	m.value = math.NaN()
	if e.cutoff.fine-e.first+1 >= n {
		var d [24]float64
		copy(d[:n], e.fine[e.cutoff.fine+1-n:])
		m.value = numeric.Median(d[:n])
	}
}

func (m *recentMedian) forecast(*ensemble, int) float64 { return m.value }
