package forecast

import "math"

// lineMember follows the straight line through the last values as far ahead as they were seen; then it is level.
type lineMember struct {
	steps        int // coarse
	level, slope float64
}

func (m *lineMember) name() string {
	if m.steps == lineNear {
		return "line_near"
	}
	return "line_far"
}

func (m *lineMember) prepare(e *ensemble, _ int) {
	n, last := m.steps*e.perHour, e.cutoff.fine
	if last-e.first+1 < n || n < 3 {
		m.level = math.NaN()
		return
	}
	var sy, sxy float64
	middle := float64(n-1) / 2
	for i := range n {
		y := e.fine[last-n+1+i]
		sy += y
		sxy += (float64(i) - middle) * y
	}
	m.slope = sxy * 12 / (float64(n) * (float64(n)*float64(n) - 1))
	m.level = sy/float64(n) + m.slope*middle
}

func (m *lineMember) forecast(e *ensemble, lead int) float64 {
	return m.level + m.slope*float64(min(lead, m.steps*e.perHour))
}
