package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// trendMember forecasts the level of the last season, its drift, the median over seasons of each moment's difference to
// its season's level, and what the last hours had beyond that, fading. It says nothing where no drift is certain.
type trendMember struct {
	trajectory
	onBent bool // on the bent scale
}

func (m *trendMember) name() string {
	if m.onBent {
		return "trend_bent"
	}
	return "trend"
}

func (m *trendMember) prepare(e *ensemble, steps int) {
	y, d := e.hourly, &e.drift
	if m.onBent {
		y, d = e.hourlyBent, &e.driftBent
	}
	if d.season == 0 {
		m.none()
		return
	}
	p, last := e.seasonOf(), e.cutoff.hourly
	var at [medianPast]float64
	shape := func(h int) float64 { // h steps, 1 to p, into a season
		for j := range d.n {
			at[j] = y[last-(j+1)*p+h] - d.level[j]
		}
		return numeric.Median(at[:d.n])
	}
	var errors [shiftSteps]float64
	for i := range errors {
		errors[i] = y[last-i] - d.level[0] - shape(p-i%p)
	}
	shift := numeric.Trimmed(errors[:])
	path := m.of(steps)
	for h := range path {
		if h < p {
			path[h] = d.level[0] + shape(h+1)
		} else {
			path[h] = path[h-p]
		}
	}
	for h, q := range path {
		shift *= shiftDecay
		path[h] = q + d.season*float64(h/p+1) + shift
	}
	if m.onBent {
		m.onBentScale(e, true)
	}
	for h := range int(silentShare * float64(p)) {
		if h < len(path) && !e.short {
			path[h] = math.NaN()
		}
	}
}

// drift is how a series grows from season to season, on the plain or the bent scale: by Theil and Sen's slope of the
// means of the last seasons, 0 unless Kendall's tau says that they go one way.
type drift struct {
	level  [medianPast]float64 // means, the newest first
	n      int
	season float64 // rise a season
}

// driftOf returns the drift of coarse values up to the cutoff.
func (e *ensemble) driftOf(y []float64) (d drift) {
	p, last := e.seasonOf(), e.cutoff.hourly
	d.n = min(medianPast, (last+1-e.firstHourlySeen())/p)
	if d.n < 2 {
		d.n = 0
		return d
	}
	for j := range d.n {
		for _, q := range y[last+1-(j+1)*p : last+1-j*p] {
			d.level[j] += q / float64(p)
		}
	}
	var slopes [medianPast * (medianPast - 1) / 2]float64
	k, sign := 0, 0
	for i := range d.n {
		for j := i + 1; j < d.n; j++ {
			slopes[k] = (d.level[i] - d.level[j]) / float64(j-i)
			switch {
			case slopes[k] > 0:
				sign++
			case slopes[k] < 0:
				sign--
			}
			k++
		}
	}
	if math.Abs(float64(sign)) >= steady*float64(k) {
		d.season = numeric.Median(slopes[:k])
	}
	return d
}

// seasonOf returns the season that trends are taken over: the short one, or a day where there is none.
func (e *ensemble) seasonOf() int {
	if e.period > 0 {
		return e.period
	}
	return 24
}
