package forecast

import (
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// window is a series as the members see it: on both grids, scaled, gaps filled, the newest sample last. The last coarse
// value is the mean of the last fine ones.
type window struct {
	perHour            int // fine values in a coarse one
	period, longPeriod int // the short and the long season in coarse steps; 0: none
	fine               []float64
	fineSeen           []bool    // whether it was there
	hourly             []float64 // coarse; fine itself where perHour is 1
	hourlyStandard     []float64 // standardised
	hourlyBent         []float64 // on the bent scale
	hourlySeen         []bool
	slot               int     // of the last coarse value in the long season
	phase              float64 // of a coarse step that the profiles' slots are early
	scale
}

// cutoff is where a member stands: the indices of the newest values it sees.
type cutoff struct{ fine, hourly int }

// alignSeason sets where the newest coarse value stands in its seasons.
func (m *Model) alignSeason(ps *window) {
	f := &m.fit
	ps.perHour, ps.period, ps.longPeriod = f.perHour, f.period, f.longPeriod
	local := m.end + clock{m.options.Location}.offset(m.end) - f.phaseAtFit
	step := m.grids.mediumStep() * int64(f.perHour)
	slot := numeric.FloorDiv(local, step)
	ps.phase = float64(local-slot*step) / float64(step)
	switch {
	case f.longPeriod > 0:
		ps.slot = int(numeric.Modulo(slot, int64(f.longPeriod)))
	case f.period > 0:
		ps.slot = int(numeric.Modulo(slot, int64(f.period)))
	}
}

// rescale scales the values.
func (ps *window) rescale() {
	for i := range ps.fine {
		ps.fine[i] = ps.inKept(ps.fine[i])
	}
	if ps.perHour > 1 {
		for i := range ps.hourly {
			ps.hourly[i] = ps.inKept(ps.hourly[i])
		}
	}
}

// fillGaps fills the gaps.
func (ps *window) fillGaps() {
	fillGaps(ps.fine, ps.fineSeen, ps.longPeriod*ps.perHour, ps.period*ps.perHour)
	if ps.perHour == 1 {
		return
	}
	fillGaps(ps.hourly, ps.hourlySeen, ps.longPeriod, ps.period)
	for i := range ps.unseen() {
		ps.fine[i] = ps.fineFromHourly(i)
	}
}

// unseen returns how many fine values come before the first that was there.
func (ps *window) unseen() int {
	if first := slices.Index(ps.fineSeen, true); first >= 0 {
		return first
	}
	return len(ps.fine)
}

// untold returns how many fine values nothing tells of: neither they nor hours before the first of them were there.
func (ps *window) untold() int {
	first, last := ps.unseen(), len(ps.hourly)-1
	if ps.perHour > 1 && slices.Contains(ps.hourlySeen[:max(0, last-(len(ps.fine)-1-first)/ps.perHour)], true) {
		return 0
	}
	return min(first, len(ps.fine)-1)
}

// fineFromHourly returns what the coarse values, as means of their steps, tell of the medium one at i.
func (ps *window) fineFromHourly(i int) float64 {
	last := len(ps.hourly) - 1
	u := max(0, min(float64(last)-(float64(len(ps.fine)-1-i)-float64(ps.perHour-1)/2)/float64(ps.perHour), float64(last)))
	j := int(u)
	return ps.hourly[j] + (u-float64(j))*(ps.hourly[min(j+1, last)]-ps.hourly[j])
}

// slotAt returns the part of the short season that the moment l fine steps after the end of the past is in.
func (ps *window) slotAt(l int) int {
	if ps.period == 0 {
		return 0
	}
	c := ps.slot + int(numeric.FloorDiv(int64(l+ps.perHour-1), int64(ps.perHour)))
	s := int(numeric.Modulo(int64(c), int64(ps.period)))
	if ps.period > numSlots {
		s = s * numSlots / ps.period
	}
	return s
}

// standardise fills the standardised coarse values on both scales and remembers how.
func (f *fit) standardise(ps *window) {
	first := max(0, slices.Index(ps.hourlySeen, true))
	ps.hourlyStandard, ps.hourlyBent = make([]float64, len(ps.hourly)), make([]float64, len(ps.hourly))
	for i, y := range ps.hourly {
		ps.hourlyBent[i] = asinh(y / f.scale.bendAt)
	}
	f.scale.plainAffine, f.scale.bentAffine = standard(ps.hourly[first:]), standard(ps.hourlyBent[first:])
	for i, y := range ps.hourly {
		ps.hourlyStandard[i] = f.scale.plainAffine.in(y)
		ps.hourlyBent[i] = f.scale.bentAffine.in(ps.hourlyBent[i])
	}
	ps.scale = f.scale
}

// reach is how many medium values there are.
func (m *Model) reach() int {
	g := &m.grids
	if g.perMedium > 1 {
		return max(min(m.medium.count(), g.mediumSize), m.fine.count()/g.perMedium)
	}
	return min(m.fine.count(), g.fineSize)
}

// sinceOutage is how many medium values there are from the oldest on that is not missing.
func (m *Model) sinceOutage() int {
	x := make([]float64, m.reach())
	m.mediumTail(x)
	return len(x) - max(0, slices.IndexFunc(x, func(v float64) bool { return v == v }))
}

// bridged reports whether hours from before the last nx medium values are remembered.
func (m *Model) bridged(nx int) bool {
	if m.grids.hourlySize == 0 {
		return true
	}
	z := make([]float64, m.hourly.count())
	m.hourly.tail(z)
	return slices.ContainsFunc(z[:max(0, len(z)-nx/m.grids.perHour-1)], func(v float64) bool { return v == v })
}
