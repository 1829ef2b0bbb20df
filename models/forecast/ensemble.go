package forecast

import (
	"math"
)

// view is what the members of a pool see at one origin, ready to forecast any lead.
type ensemble struct {
	*window
	cutoff    cutoff
	pool      []kind
	medians   [4]float64
	shift     float64
	lines     [2]line
	lineKnown [2]bool // of lines
	first     int     // index of the first fine value that was seen
	short     bool    // too little is there for two grids

	firstHourly           int // index of the first coarse value that was seen
	plainDrift, bentDrift drift
	newLow, newHigh       float64 // of the newest values, where the range may have been left
	trajectories          [numPaths][]float64
	trajectoryStore       [numPaths][maxPathSteps]float64
}

// look prepares the members at an origin for leads of up to h fine steps.
func (v *ensemble) prepare(o cutoff, h int, regs *[numRegressions]regression) {
	v.cutoff = o
	steps := (h+v.perHour/2)/v.perHour + 2
	v.plainDrift, v.bentDrift = v.driftOf(v.hourly), v.driftOf(v.hourlyBent)
	v.newLow, v.newHigh = math.Inf(1), math.Inf(-1)
	for _, y := range v.fine[max(v.first, o.fine+1-newest) : o.fine+1] {
		v.newLow, v.newHigh = min(v.newLow, y), max(v.newHigh, y)
	}
	for _, m := range v.pool {
		switch m {
		case kindWeekly, kindDaily, kindPlain:
			r := &regs[m]
			p := v.trajectory(int(m), steps)
			if !r.fitted || o.hourly+1 < r.longest() {
				v.trajectories[m] = nil
				continue
			}
			y, a := v.hourlyStandard, v.plainAffine
			slot := v.slot - (len(v.hourly) - 1 - o.hourly)
			if v.longPeriod > 0 {
				slot = int(modulo(int64(slot), int64(v.longPeriod)))
			} else if v.period > 0 {
				slot = int(modulo(int64(slot), int64(v.period)))
			}
			if r.bent {
				y = v.hourlyBent
				r.path(p, y[:o.hourly+1], slot, v.phase, v.bent(v.low), v.bent(v.high))
				for i, q := range p {
					p[i] = v.unbend(q)
				}
			} else {
				r.path(p, y[:o.hourly+1], slot, v.phase, a.in(v.low), a.in(v.high))
				for i, q := range p {
					p[i] = a.out(q)
				}
			}
		case kindShape, kindShapeShift:
			v.shape(int(m), steps, m == kindShapeShift)
		case kindLong, kindLongShift:
			v.weekly(m, steps)
		case kindTrend:
			v.trend(m, steps, v.hourly, &v.plainDrift, func(y float64) float64 { return y })
		case kindTrendBent:
			v.trend(m, steps, v.hourlyBent, &v.bentDrift, v.scale.unbendFree)
		case kindLineNear:
			v.lines[0], v.lineKnown[0] = v.lineThrough(lineNear * v.perHour)
		case kindLineFar:
			v.lines[1], v.lineKnown[1] = v.lineThrough(lineFar * v.perHour)
		case kindShift:
			v.shift = math.NaN()
			if s := v.period * v.perHour; o.fine-v.first+1 >= s+shiftSteps {
				var d [shiftSteps]float64
				for i := range d {
					d[i] = v.fine[o.fine-i] - v.fine[o.fine-i-s]
				}
				v.shift = trimmed(d[:])
			}
		case kindFlat1, kindFlat2, kindFlat3, kindFlat4:
			i := m - kindFlat1
			n := flatSteps(v.perHour)[i]
			v.medians[i] = math.NaN()
			if o.fine-v.first+1 >= n {
				var d [24]float64
				copy(d[:n], v.fine[o.fine+1-n:])
				v.medians[i] = median(d[:n])
			}
		}
	}
}

func (v *ensemble) trajectory(i, steps int) []float64 {
	if steps <= maxPathSteps {
		v.trajectories[i] = v.trajectoryStore[i][:steps]
	} else {
		v.trajectories[i] = make([]float64, steps)
	}
	return v.trajectories[i]
}

// forecast fills dst, one for each member of the pool, with what they forecast lead fine steps after the origin; NaN
// where one can not tell.
func (v *ensemble) forecast(dst []float64, lead int) {
	s := v.period * v.perHour
	back := 0
	if s > 0 {
		back = s * ((lead + s - 1) / s)
	}
	inside := math.NaN()
	target := v.cutoff.fine + lead
	for i, m := range v.pool {
		f := math.NaN()
		switch m {
		case kindWeekly, kindDaily, kindPlain, kindShape, kindShapeShift, kindLong, kindLongShift, kindTrend, kindTrendBent:
			if p := v.trajectories[m]; p != nil {
				if v.perHour == 1 {
					f = p[lead-1]
					break
				}
				if math.IsNaN(inside) {
					inside = v.withinHour(lead)
				}
				f = v.betweenHours(p, lead) + inside
			}
		case kindShift:
			if s > 0 && target-back >= v.first {
				f = v.fine[target-back] + v.shift*math.Exp(logShiftDecay*float64(lead))
			}
		case kindNaive:
			f = v.naive(lead)
		case kindMedian:
			f = v.medianOf(target-back, s, medianPast)
		case kindLineNear, kindLineFar:
			i, far := m-kindLineNear, lineNear
			if m == kindLineFar {
				far = lineFar
			}
			if v.lineKnown[i] {
				f = v.lines[i].level + v.lines[i].slope*float64(min(lead, far*v.perHour))
			}
		default:
			f = v.medians[m-kindFlat1]
		}
		dst[i] = v.clamp(f, lead)
	}
}

// naive gives the value a season before, the newest where there is no season; NaN where that was not seen.
func (v *ensemble) naive(lead int) float64 {
	s := v.period * v.perHour
	if s == 0 {
		return v.fine[v.cutoff.fine]
	}
	if i := v.cutoff.fine + lead - s*((lead+s-1)/s); i >= v.first {
		return v.fine[i]
	}
	return math.NaN()
}

// medianOf gives the median of up to n values from index i backwards in steps of s.
func (v *ensemble) medianOf(i, s, n int) float64 {
	var d [longPast]float64
	m := 0
	for ; m < n && i >= v.first && s > 0; m++ {
		d[m] = v.fine[i]
		i -= s
	}
	if m == 0 {
		return math.NaN()
	}
	return median(d[:m])
}

// week fills the path of member m with the median of the same moment of the last long seasons, shifted, where asked, by
// what the last hours had beyond it, fading.
func (v *ensemble) weekly(m kind, steps int) {
	v.trajectories[m] = nil
	if v.longPeriod == 0 || v.cutoff.hourly-v.firstHourlySeen()+1 < v.longPeriod+shiftSteps {
		return
	}
	at := func(i int) float64 { // of the long seasons before coarse value i
		var d [longPast]float64
		n := 0
		for i -= v.longPeriod; i >= v.firstHourlySeen() && n < longPast; i -= v.longPeriod {
			if i <= v.cutoff.hourly {
				d[n] = v.hourly[i]
				n++
			}
		}
		return median(d[:n])
	}
	path := v.trajectory(int(m), steps)
	for h := range path {
		path[h] = at(v.cutoff.hourly + h + 1)
	}
	if m == kindLong {
		return
	}
	var e [shiftSteps]float64
	for i := range e {
		e[i] = v.hourly[v.cutoff.hourly-i] - at(v.cutoff.hourly-i)
	}
	shift := trimmed(e[:])
	for h := range path {
		shift *= shiftDecay
		path[h] += shift
	}
}

// firstCoarse is the first coarse value that was seen.
func (v *ensemble) firstHourlySeen() int {
	if v.perHour == 1 {
		return v.first
	}
	return v.firstHourly
}
