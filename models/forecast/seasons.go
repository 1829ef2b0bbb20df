package forecast

import (
	"math"
	"slices"
	"time"
)

// chooseSeasons sets the short and the long season: the options', or else a day and a week, which the members' weights
// confirm or not, unless the data have a season that is much clearer than a day.
func (m *Model) chooseSeasons(ps *window) {
	f := &m.fit
	step := m.grids.mediumStep() * int64(f.perHour)
	if given := m.options.Seasons; given != nil {
		f.period, f.longPeriod = givenSeasons(given, step, len(ps.hourly))
		return
	}
	f.period, f.longPeriod = int(day/step), int(7*day/step)
	if f.period < 2 {
		f.period, f.longPeriod = f.longPeriod, 0
	}
	if f.period > len(ps.fine)-1 && m.grids.perHour > 1 && f.perHour == 1 || f.period < 2 {
		f.period, f.longPeriod = 0, 0
	}
	if f.period > 0 {
		switch p := findSeason(ps.hourly, ps.hourlySeen, f.period); {
		case p == 0 || p > f.period && f.perHour > 1: // none, or too long for a week of fine values
		case f.period%p == 0: // a day holds it
			f.inner = p
		default:
			f.period, f.longPeriod = p, 7*p
		}
	}
	if f.longPeriod > 0 && len(ps.hourly) < 2*f.longPeriod {
		f.longPeriod = 0
	}
}

// givenSeasons turns the options' seasons into coarse steps: the shortest, and the longest multiple of it.
func givenSeasons(given []time.Duration, step int64, n int) (p, w int) {
	for _, s := range given {
		if l := int((s.Milliseconds() + step/2) / step); l > 1 && (p == 0 || l < p) {
			p = l
		}
	}
	for _, s := range given {
		if l := int((s.Milliseconds() + step/2) / step); p > 0 && l > p && l%p == 0 && 2*l <= n {
			w = max(w, l)
		}
	}
	return p, w
}

// findSeason returns the season that the data show much more clearly than a day of p values, else 0: the smallest peak
// of the autocorrelation, after a moving mean was taken off and outliers were clipped, that comes near the largest.
func findSeason(z []float64, seen []bool, p int) int {
	most := min(2*p+p/2, len(z)/4)
	if most < 4 {
		return 0
	}
	y := make([]float64, len(z))
	sum, n := 0.0, 0
	window := make([]float64, 0, len(z))
	for i, v := range z { // centred moving mean over two days and a half, for all candidates alike
		if seen[i] {
			window = append(window, v)
		}
	}
	if len(window) < 4*p {
		return 0
	}
	half := most / 2
	at := func(i int) bool { return i >= 0 && i < len(z) && seen[i] }
	for i := -half; i < len(z); i++ {
		if j := i + half; at(j) {
			sum += z[j]
			n++
		}
		if j := i - half - 1; at(j) {
			sum -= z[j]
			n--
		}
		if at(i) && n > 0 && i >= half && i+half < len(z) { // at the ends, the mean of a line lies beside it
			y[i] = z[i] - sum/float64(n)
		}
	}
	abs := window[:0]
	for i, v := range y {
		if seen[i] && i >= half && i+half < len(z) {
			abs = append(abs, math.Abs(v))
		}
	}
	slices.Sort(abs)
	if len(abs) == 0 {
		return 0
	}
	limit := winsorAt * abs[len(abs)/2]
	if limit == 0 {
		return 0
	}
	for i, v := range y {
		y[i] = max(-limit, min(v, limit))
	}
	r := make([]float64, most+1)
	for lag := range r {
		for i := lag; i < len(y); i++ {
			r[lag] += y[i] * y[i-lag]
		}
		r[lag] /= float64(len(y) - lag)
	}
	if !(r[0] > leastPower) {
		return 0
	}
	peak := func(l int) bool { return r[l] >= r[l-1] && r[l] >= r[l+1] }
	best := 0
	for l := 2; l < most; l++ {
		if peak(l) && (best == 0 || r[l] > r[best]) {
			best = l
		}
	}
	if best == 0 || r[best] < clearSeason*r[0] || p <= most && r[best] < r[p]+beatsDay*r[0] {
		return 0
	}
	for l := 2; l < best; l++ {
		if peak(l) && r[l] >= alikeSeason*r[best] {
			return l
		}
	}
	return best
}

// seasons returns those of the fit that were confirmed.
func (m *Model) seasons() []time.Duration {
	f := &m.fit
	var s []time.Duration
	step := time.Duration(m.grids.mediumStep()*int64(f.perHour)) * time.Millisecond
	if f.inner > 0 {
		s = append(s, time.Duration(f.inner)*step)
	}
	if f.daily {
		s = append(s, time.Duration(f.period)*step)
	}
	if f.weekly {
		s = append(s, time.Duration(f.longPeriod)*step)
	}
	return s
}
