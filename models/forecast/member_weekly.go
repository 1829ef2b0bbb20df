package forecast

import "github.com/foresight-exporter/foresight/models/internal/numeric"

// weeklyMember forecasts the median of the same moment of several long seasons; shifted, with what the last hours had
// beyond that, fading.
type weeklyMember struct {
	trajectory
	shifted bool
}

func (m *weeklyMember) name() string {
	if m.shifted {
		return "weekly_shift"
	}
	return "weekly_median"
}

func (m *weeklyMember) prepare(e *ensemble, steps int) {
	last, first := e.cutoff.hourly, e.firstHourlySeen()
	if e.longPeriod == 0 || last-first+1 < e.longPeriod+shiftSteps {
		m.none()
		return
	}
	at := func(i int) float64 { // of the long seasons before coarse value i
		var d [longPast]float64
		n := 0
		for i -= e.longPeriod; i >= first && n < longPast; i -= e.longPeriod {
			if i <= last {
				d[n] = e.hourly[i]
				n++
			}
		}
		return numeric.Median(d[:n])
	}
	path := m.of(steps)
	if other := e.roster.weekly.values; m.shifted && len(other) == steps { // prepared just before
		copy(path, other)
	} else {
		for h := range path {
			path[h] = at(last + h + 1)
		}
	}
	if !m.shifted {
		return
	}
	var errors [shiftSteps]float64
	for i := range errors {
		errors[i] = e.hourly[last-i] - at(last-i)
	}
	shift := numeric.Trimmed(errors[:])
	for h := range path {
		shift *= shiftDecay
		path[h] += shift
	}
}
