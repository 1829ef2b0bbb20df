package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// increment forecasts the newest value and the median, over several seasons, of how the series moved from this moment of
// a season to the lead's: it starts from where the series is.
type increment struct{}

func (*increment) name() string { return "increment" }

func (*increment) prepare(*ensemble, int) {}

func (*increment) forecast(e *ensemble, lead int) float64 {
	s := e.period * e.perHour
	if s == 0 {
		return math.NaN()
	}
	var d [medianPast]float64
	n := 0
	i := e.seasonBefore(lead)
	for from := i - (lead-1)%s - 1; n < medianPast && from >= e.first; from -= s {
		d[n] = e.fine[i] - e.fine[from]
		i -= s
		n++
	}
	if n == 0 {
		return math.NaN()
	}
	return e.fine[e.cutoff.fine] + numeric.Median(d[:n])
}

// weeklyIncrement is increment of coarse values over long seasons.
type weeklyIncrement struct{ trajectory }

func (*weeklyIncrement) name() string { return "weekly_increment" }

func (m *weeklyIncrement) prepare(e *ensemble, steps int) {
	w, last, first := e.longPeriod, e.cutoff.hourly, e.firstHourlySeen()
	if w == 0 || last-first < w {
		m.none()
		return
	}
	path := m.of(steps)
	for h := range path {
		var d [longPast]float64
		n := 0
		i := last + h + 1 - w*(h/w+1)
		for from := last - w; n < longPast && from >= first; from -= w {
			d[n] = e.hourly[i] - e.hourly[from]
			i -= w
			n++
		}
		path[h] = e.hourly[last] + numeric.Median(d[:n])
	}
}
