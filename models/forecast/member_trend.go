package forecast

import (
	"math"
)

const (
	steady      = 0.9  // Kendall's tau of the seasons' means: all but one of 21 pairs agree
	silentShare = 0.25 // of a season: nearer, a trend says what the shape says, and would count twice
	lineNear    = 6    // coarse steps that the lines are fitted to, and followed for
	lineFar     = 24
)

// drift is how a series grows from season to season, on the plain or the bent scale: by Theil and Sen's slope of the
// means of the last seasons, 0 unless Kendall's tau says that they go one way.
type drift struct {
	level  [medianPast]float64 // means, the newest first
	n      int
	season float64 // rise a season
}

// seasonOf is the season that trends are taken over: the short one, or a day where there is none.
func (v *ensemble) seasonOf() int {
	if v.period > 0 {
		return v.period
	}
	return 24
}

// driftOf returns the drift of coarse values up to the origin.
func (v *ensemble) driftOf(y []float64) (d drift) {
	p := v.seasonOf()
	d.n = min(medianPast, (v.cutoff.hourly+1-v.firstHourlySeen())/p)
	if d.n < 2 {
		d.n = 0
		return d
	}
	for j := range d.n {
		for _, q := range y[v.cutoff.hourly+1-(j+1)*p : v.cutoff.hourly+1-j*p] {
			d.level[j] += q / float64(p)
		}
	}
	var slopes [medianPast * (medianPast - 1) / 2]float64
	k, sign := 0, 0
	for i := range d.n {
		for j := i + 1; j < d.n; j++ {
			slopes[k] = (d.level[i] - d.level[j]) / float64(j-i)
			switch {
			case slopes[k] > 0:
				sign++
			case slopes[k] < 0:
				sign--
			}
			k++
		}
	}
	if math.Abs(float64(sign)) >= steady*float64(k) {
		d.season = median(slopes[:k])
	}
	return d
}

// trend fills the path of member m: the level of the last season, its drift, the median over seasons of each moment's
// difference to its season's level, and what the last hours had beyond that, fading.
func (v *ensemble) trend(m kind, steps int, y []float64, d *drift, out func(float64) float64) {
	v.trajectories[m] = nil
	if d.season == 0 {
		return
	}
	p := v.seasonOf()
	path := v.trajectory(int(m), steps)
	var at [medianPast]float64
	shape := func(h int) float64 { // h steps, 1 to p, into a season
		for j := range d.n {
			at[j] = y[v.cutoff.hourly-(j+1)*p+h] - d.level[j]
		}
		return median(at[:d.n])
	}
	var e [shiftSteps]float64
	for i := range e {
		e[i] = y[v.cutoff.hourly-i] - d.level[0] - shape(p-i%p)
	}
	shift := trimmed(e[:])
	for h := range path {
		if h < p {
			path[h] = d.level[0] + shape(h+1)
		} else {
			path[h] = path[h-p]
		}
	}
	for h, q := range path {
		shift *= shiftDecay
		path[h] = q + d.season*float64(h/p+1) + shift
	}
	for h, q := range path {
		path[h] = out(q)
	}
	for h := range int(silentShare * float64(p)) {
		if h < len(path) && !v.short {
			path[h] = math.NaN()
		}
	}
}

// line is the straight line through the last values of a fine grid, at the newest of them.
type line struct{ level, slope float64 }

// lineThrough returns the least squares line through the last n fine values; it reports false where there are fewer.
func (v *ensemble) lineThrough(n int) (line, bool) {
	if v.cutoff.fine-v.first+1 < n || n < 3 {
		return line{}, false
	}
	var sy, sxy float64
	middle := float64(n-1) / 2
	for i := range n {
		y := v.fine[v.cutoff.fine-n+1+i]
		sy += y
		sxy += (float64(i) - middle) * y
	}
	slope := sxy * 12 / (float64(n) * (float64(n)*float64(n) - 1))
	return line{sy/float64(n) + slope*middle, slope}, true
}
