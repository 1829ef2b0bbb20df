package forecast

import "github.com/foresight-exporter/foresight/models/internal/numeric"

// shapeMember forecasts the mean of the last season plus the median over seasons of each step's difference to its
// season's mean, on the bent scale; shifted, with what the last hours had beyond that, fading.
type shapeMember struct {
	trajectory
	shifted bool
}

func (m *shapeMember) name() string {
	if m.shifted {
		return "shape_shift"
	}
	return "shape"
}

func (m *shapeMember) prepare(e *ensemble, steps int) {
	p, last := e.period, e.cutoff.hourly
	n := min(medianPast, (last+1)/max(p, 1))
	if p == 0 || n < 2 {
		m.none()
		return
	}
	var level [medianPast]float64
	for d := range n {
		for _, q := range e.hourlyBent[last+1-(d+1)*p : last+1-d*p] {
			level[d] += q
		}
		level[d] /= float64(p)
	}
	var d [medianPast]float64
	at := func(h int) float64 { // the shape h steps, 1 to p, into a season
		for j := range n {
			d[j] = e.hourlyBent[last-(j+1)*p+h] - level[j]
		}
		return level[0] + numeric.Median(d[:n])
	}
	shift := 0.0
	if m.shifted {
		var errors [shiftSteps]float64
		for i := range errors {
			errors[i] = e.hourlyBent[last-i] - at(p-i%p)
		}
		shift = numeric.Trimmed(errors[:])
	}
	path := m.of(steps)
	if other := e.roster.shape.values; m.shifted && len(other) == steps && steps <= maxTrajectory { // prepared just before
		copy(path, other)
	} else {
		for h := range path {
			if h < p {
				path[h] = at(h + 1)
			} else {
				path[h] = path[h-p]
			}
		}
	}
	for h, q := range path {
		shift *= shiftDecay
		path[h] = q + shift
	}
	m.onBentScale(e, false)
}
