package forecast

import "slices"

// horizon returns Options.Horizons[i] in samples.
func (m *Model) horizon(i int) int64 {
	return max(1, m.options.Horizons[i].Milliseconds()/m.grids.step)
}

// wanted reports whether there is room and time for one more forecast of a horizon.
func (m *Model) wanted(i int) bool {
	h := &m.tracker.horizons[i]
	if h.issued != 0 && m.fine.next-1-h.issued < m.horizon(i)/maxOpen {
		return false
	}
	return slices.ContainsFunc(h.open[:], func(p openForecast) bool { return p.at == 0 })
}

// issueLeads fills dst, as far as it reaches, with the leads in medium steps that the next expectations look at, ascending:
// the first of its own, which brings the hour after it, and those of the horizons that want a forecast.
func (m *Model) issueLeads(dst []float64) int {
	dst[0] = 1
	n := 1
	for i := range m.tracker.horizons {
		if n < len(dst) && m.wanted(i) {
			dst[n] = m.ahead(m.options.Horizons[i])
			n++
		}
	}
	slices.Sort(dst[:n])
	return n
}

// issue makes a forecast for each horizon that wants one.
func (m *Model) issue(s *workspace) {
	if m.fit.status != OK {
		return
	}
	var lower, upper [1]float64
	level := [1]float64{m.options.Level}
	now := m.fine.next - 1
	months := outlook{m: m}
	for i := range min(len(m.tracker.horizons), maxSparseLeads) {
		if !m.wanted(i) {
			continue
		}
		h := &m.tracker.horizons[i]
		h.issued = now
		for j := range h.open {
			if p := &h.open[j]; p.at == 0 {
				u := m.ahead(m.options.Horizons[i])
				c := s.intervalAt(lower[:], upper[:], level[:], s.centreAt(u), u)
				own, _ := s.combination(int(u))
				lead := m.options.Horizons[i].Milliseconds()
				far := months.scaled(lead, level[:], &c, lower[:], upper[:])
				if m.expectSpecial(m.end+lead, &c, lower[:], upper[:]) || far {
					own = c
				}
				season := int(u)
				if far { // the members look less far
					season = int(lead / m.grids.mediumStep())
				}
				*p = openForecast{
					at: now + m.horizon(i), mean: float32(c), lower: float32(lower[0]), upper: float32(upper[0]),
					naive: float32(s.naive(season)), own: float32(own),
				}
				break
			}
		}
	}
}
