package forecast

import (
	"slices"
	"time"
)

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
	var few [maxSparseLeads]float64
	var s *workspace
	if len(leads) <= maxSparseLeads {
		for i, lead := range leads {
			few[i] = m.ahead(lead)
		}
		s = m.prepare(few[:len(leads)], true)
	} else {
		var ends [maxSparseLeads + 1]float64 // so many that all of the past is read
		for i := range ends {
			ends[i] = m.ahead(leads[len(leads)-1])
		}
		s = m.prepare(ends[:], true)
	}
	defer s.release()
	n := len(levels)
	for i, lead := range leads {
		d := &dst[i]
		d.Lead = lead
		d.Lower, d.Upper = slices.Grow(d.Lower[:0], n)[:n], slices.Grow(d.Upper[:0], n)[:n]
		u := m.ahead(lead)
		centre := s.centreAt(u)
		d.Mean = m.value(s.intervalAt(d.Lower, d.Upper, levels, centre, u))
		for j := range levels {
			d.Lower[j], d.Upper[j] = m.value(d.Lower[j]), m.value(d.Upper[j])
		}
	}
	return dst
}
