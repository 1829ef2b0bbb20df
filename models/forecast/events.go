package forecast

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// weeklyEvents are hours of the week that differ from the same hours of the days around by about as much every week,
// such as a backup every Sunday at five. They are taken off the window before anything is learnt, and put back on what
// is forecast, as steps. Ordered by hour; most series have none.
type weeklyEvents []weeklyEvent

type weeklyEvent struct {
	hour  uint8   // of the local week
	size  float32 // scaled
	doubt float32 // standard deviation of the size
}

const (
	hoursADay  = 24
	hoursAWeek = 7 * hoursADay
)

// findEvents returns the weekly events among clock hours, scaled, the last of which is number last of local time.
func findEvents(z []float64, last int64) weeklyEvents {
	if len(z) < eventWeeks*hoursAWeek {
		return nil
	}
	deviations := make([]float64, len(z))
	var byHour [hoursADay][]float64
	first := last - int64(len(z)-1)
	for i, y := range z {
		var near [2 * neighbours]float64
		n := 0
		for d := -neighbours; d <= neighbours; d++ {
			if j := i + d*hoursADay; d != 0 && j >= 0 && j < len(z) && z[j] == z[j] {
				near[n] = z[j]
				n++
			}
		}
		deviations[i] = math.NaN()
		if n >= neighbours && y == y {
			deviations[i] = y - numeric.Median(near[:n])
			h := numeric.Modulo(first+int64(i), hoursADay)
			byHour[h] = append(byHour[h], math.Abs(deviations[i]))
		}
	}
	var usual [hoursADay]float64
	mean := 0.0
	for h := range byHour {
		d := byHour[h]
		if len(d) > 0 {
			usual[h] = madToDeviation * numeric.Median(d)
		}
		mean += usual[h] / hoursADay
	}
	var events weeklyEvents
	for slot := range int64(hoursAWeek) {
		clearly := eventClear * max(usual[slot%hoursADay], eventFloor*mean)
		if size, spread, ok := agreed(deviations, int(numeric.Modulo(slot-first, hoursAWeek))); ok && math.Abs(size) > clearly {
			shrunk := clearly * clearly / size
			events = append(events, weeklyEvent{uint8(slot), float32(size - shrunk), float32(spread + math.Abs(shrunk))})
		}
	}
	if len(events) > eventMostHours {
		return nil
	}
	return events
}

// agreed returns the median of every week's deviation from index i on and how far the weeks disagree; it reports false
// where too few weeks are alike: all of them, or of four and more all but one.
func agreed(deviations []float64, i int) (size, spread float64, ok bool) {
	var d, off [hourlySize/hoursAWeek + 1]float64
	n := 0
	for ; i < len(deviations); i += hoursAWeek {
		if deviations[i] == deviations[i] {
			d[n] = deviations[i]
			n++
		}
	}
	if n < eventWeeks {
		return 0, 0, false
	}
	size = numeric.Median(d[:n])
	alike := 0
	for j, x := range d[:n] {
		off[j] = math.Abs(x - size)
		if r := x / size; r >= 1./eventAgree && r <= eventAgree {
			alike++
		}
	}
	return size, madToDeviation * numeric.Median(off[:n]), alike >= n-numeric.OneIf(n > eventWeeks)
}

// at returns the size of the event in an hour of the week, 0 where there is none, and its standard deviation.
func (w *weeklyEvents) at(hourOfWeek int64) (size, doubt float64) {
	for _, e := range *w {
		if int64(e.hour) == hourOfWeek {
			return float64(e.size), float64(e.doubt)
		}
	}
	return 0, 0
}

// findEvents learns the weekly events from the clock hours remembered.
func (m *Model) findEvents() weeklyEvents {
	if m.hourly.empty() {
		return nil
	}
	z := make([]float64, min(m.hourly.count(), m.grids.hourlySize))
	m.hourly.tail(z)
	for i := range z {
		z[i] = m.fit.scale.inKept(z[i])
	}
	last := (m.hourly.next - 1) * m.grids.coarseStep()
	clock{m.options.Location}.localise(z, last, m.grids.coarseStep())
	return findEvents(z, m.localHour(last))
}

// localHour returns the number of the hour of local time, as it is at the newest sample, that t is in.
func (m *Model) localHour(t int64) int64 {
	return numeric.FloorDiv(t+clock{m.options.Location}.offset(m.end), m.grids.coarseStep())
}

// eventBack returns the size of the event at the fine value so many medium steps before the newest, or after it where
// that is negative, and its standard deviation.
func (m *Model) eventBack(steps int) (size, doubt float64) {
	if len(m.fit.events) == 0 {
		return 0, 0
	}
	return m.fit.events.at(numeric.Modulo(m.localHour(m.end-int64(steps)*m.grids.mediumStep()), hoursAWeek))
}

// takeEvents takes the weekly events off a window, scaled, that has no gaps filled yet; fine too says whether its fine
// values are all there.
func (m *Model) takeEvents(w *window, fine bool) {
	if len(m.fit.events) == 0 {
		return
	}
	step := m.grids.coarseStep()
	share := float64(numeric.Modulo(m.end+m.grids.step, step)) / float64(step) // of the clock hour under way
	if share == 0 {
		share = 1
	}
	for i := range w.hourly {
		at := m.localHour(m.end) - int64(len(w.hourly)-1-i)
		now, _ := m.fit.events.at(numeric.Modulo(at, hoursAWeek))
		before, _ := m.fit.events.at(numeric.Modulo(at-1, hoursAWeek))
		w.hourly[i] -= share*now + (1-share)*before
	}
	if !fine {
		return
	}
	for i := range w.fine {
		size, _ := m.eventBack(len(w.fine) - 1 - i)
		w.fine[i] -= size
	}
}

// sortedByHour reports whether events are as findEvents makes them.
func (w *weeklyEvents) sortedByHour() bool {
	return slices.IsSortedFunc(*w, func(a, b weeklyEvent) int { return int(a.hour) - int(b.hour) }) &&
		(len(*w) == 0 || (*w)[len(*w)-1].hour < hoursAWeek)
}
