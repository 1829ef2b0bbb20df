package forecast

import (
	"math"
	"strconv"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// recentMedian forecasts the median of the last samples.
type recentMedian struct {
	samples int
	value   float64
}

// mostRecent is the most samples that such a member takes the median of.
const mostRecent = 24

func (m *recentMedian) name() string { return "median_" + strconv.Itoa(m.samples) }

func (m *recentMedian) prepare(e *ensemble, _ int) {
	m.value = math.NaN()
	if e.cutoff.fine-e.first+1 >= m.samples {
		var d [mostRecent]float64
		copy(d[:m.samples], e.fine[e.cutoff.fine+1-m.samples:])
		m.value = numeric.Median(d[:m.samples])
	}
}

func (m *recentMedian) forecast(*ensemble, int) float64 { return m.value }
