package forecast

// shape forecasts the mean of the last season plus the median over seasons of each step's difference to its season's
// mean, on the bent scale; shifted, with what the last hours had beyond that, fading.
func (v *ensemble) shape(m, steps int, shifted bool) {
	p := v.period
	n := min(medianPast, (v.cutoff.hourly+1)/max(p, 1))
	v.trajectories[m] = nil
	if p == 0 || n < 2 {
		return
	}
	path := v.trajectory(m, steps)
	var level [medianPast]float64
	for d := range n {
		for _, q := range v.hourlyBent[v.cutoff.hourly+1-(d+1)*p : v.cutoff.hourly+1-d*p] {
			level[d] += q
		}
		level[d] /= float64(p)
	}
	var d [medianPast]float64
	at := func(h int) float64 { // the shape h steps, 1 to p, into a season
		for j := range n {
			d[j] = v.hourlyBent[v.cutoff.hourly-(j+1)*p+h] - level[j]
		}
		return level[0] + median(d[:n])
	}
	shift := 0.0
	if shifted {
		var e [shiftSteps]float64
		for i := range e {
			e[i] = v.hourlyBent[v.cutoff.hourly-i] - at(p-i%p)
		}
		shift = trimmed(e[:])
	}
	for h := range path {
		if h < p {
			path[h] = at(h + 1)
		} else {
			path[h] = path[h-p]
		}
	}
	for h, q := range path {
		shift *= shiftDecay
		path[h] = v.unbend(q + shift)
	}
}
