package predict

import "time"

// Forecast fills dst, one for each lead (ascending multiples of the step, above 0), with intervals at the levels
// (ascending), and returns it; dst and its slices are reused where they are large enough. All values are finite and
// the intervals nested. Before the first fit nothing is returned.
func (m *Model) Forecast(dst []Forecast, leads []time.Duration, levels []float64) []Forecast {
	dst = m.usualForecast(dst, leads, levels)
	months, days := outlook{m: m}, adjusting{m: m}
	for i := range dst {
		d, lead := &dst[i], dst[i].Lead.Milliseconds()
		months.at(lead, levels, &d.Mean, d.Lower, d.Upper)
		days.at(m.end+lead, &d.Mean, d.Lower, d.Upper)
	}
	return dst
}

// usualForecast is Forecast without what months and special days add to it.
func (m *Model) usualForecast(dst []Forecast, leads []time.Duration, levels []float64) []Forecast {
	if !m.fit.done || len(leads) == 0 {
		return dst[:0]
	}
	if cap(dst) < len(leads) {
		dst = append(dst[:cap(dst)], make([]Forecast, len(leads)-cap(dst))...)
	}
	dst = dst[:len(leads)]
	var few [maxSpans]float64
	var s *sight
	if len(leads) <= maxSpans {
		for i, lead := range leads {
			few[i] = m.ahead(lead)
		}
		s = m.see(few[:len(leads)])
	} else {
		var ends [maxSpans + 1]float64 // so many that all of the past is read
		for i := range ends {
			ends[i] = m.ahead(leads[len(leads)-1])
		}
		s = m.see(ends[:])
	}
	defer s.close()
	for i, lead := range leads {
		d := &dst[i]
		d.Lead = lead
		d.Lower, d.Upper = resize(d.Lower, len(levels)), resize(d.Upper, len(levels))
		u := m.ahead(lead)
		centre := s.between(u)
		s.edgesAt(d.Lower, d.Upper, levels, centre, u)
		d.Mean = m.value(centre)
		for j := range levels {
			d.Lower[j], d.Upper[j] = m.value(d.Lower[j]), m.value(d.Upper[j])
		}
	}
	return dst
}

// ahead gives a lead in medium steps of local time, at least one: across a change of the clock it is an hour more or
// less. The members look no further than to where months tell all.
func (m *Model) ahead(lead time.Duration) float64 {
	ms := m.nearLead(lead.Milliseconds())
	if c := (clock{m.options.Location}); c.location != nil {
		ms += c.offset(m.end+ms) - c.offset(m.end)
	}
	return max(1, float64(ms)/float64(m.grids.mediumStep()))
}
