package forecast

import "math"

// lineMember follows the straight line through the last values as far ahead as they were seen; then it is level.
type lineMember struct {
	far          bool // coarse steps are counted, not samples
	steps        int  // fine
	level, slope float64
}

func (m *lineMember) name() string {
	if m.far {
		return "line_far"
	}
	return "line_near"
}

func (m *lineMember) prepare(e *ensemble, _ int) {
	m.steps = lineNear
	if m.far {
		m.steps = lineFar * e.perHour
	}
	n, last := m.steps, e.cutoff.fine
	if last-e.first+1 < n {
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

func (m *lineMember) forecast(_ *ensemble, lead int) float64 {
	return m.level + m.slope*float64(min(lead, m.steps))
}
