package exhaustion

import (
	"math"
	"slices"
)

// learn brings up what is known of the present to the bucket end.
func (s *present) learn(p *path, k *track, r *ring) {
	s.noise = noiseOf(p.level[:p.n], float64(k.Quantum))
	s.peaks, s.saw = k.known(s.peaks)
	s.saw = s.saw && p.trend != sustained
	s.coarse = s.coarse[:0]
	values := p.median[:p.n]
	if p.trend == sustained {
		values = p.level[:p.n]
	} else {
		s.noise = noiseOf(values, float64(k.Quantum))
	}
	for _, n := range coarseLines {
		if n > p.n || n < 2*r.window {
			continue
		}
		if l, ok := fitLine(values[p.n-n:], 1, s.noise); ok {
			s.coarse = append(s.coarse, l)
		}
	}
	s.wave = false
	if perDay := int(dayMillis / r.width); p.trend != sustained && !s.saw && isWave(values, perDay) {
		s.wave = true
		s.daily = dailyRise(values, p.peak[:p.n], perDay)
	}
}

// isWave reports whether a series repeats itself daily: its differences over a day are less than those over half of one.
func isWave(y []float64, perDay int) bool {
	if perDay < 4 || len(y) < 3*perDay {
		return false
	}
	var whole, half [size]float64
	a, b := 0, 0
	for i := perDay; i < len(y); i++ {
		if d := y[i] - y[i-perDay]; d == d {
			whole[a] = math.Abs(d)
			a++
		}
		if d := y[i] - y[i-perDay/2]; d == d {
			half[b] = math.Abs(d)
			b++
		}
	}
	if a < perDay || b < perDay {
		return false
	}
	slices.Sort(whole[:a])
	slices.Sort(half[:b])
	return half[b/2] > 0 && whole[a/2] <= wavy*half[b/2]
}

// rise returns the regime under way for a limit, of which the series is short. now is the time of the newest sample.
func (s *present) rise(k *track, r *ring, limit float64, now int64) (g regime, ok bool) {
	if s.wave {
		g = s.daily
		g.gap += limit
		if g.p > 0 { // the peaks come once a day
			g.within = 0.25 * g.line.length / max(g.gap/g.line.slope, g.line.length/2)
		}
		return g, g.p > 0
	}
	var lines [len(fineLines) + len(coarseLines)]line
	kept := lines[:0]
	if r.window == 0 {
		var y [fineBuckets]float64
		n := k.stretches(&y)
		per := float64(r.width) / float64(k.Fine)
		noise := noiseOf(y[:n], float64(k.Quantum))
		for _, w := range fineLines {
			if w > n {
				break
			}
			if l, ok := fitLine(y[n-w:n], per, noise); ok {
				kept = append(kept, l)
			}
		}
	}
	since := float64(now-(r.complete()+1)*r.width) / float64(r.width) // buckets, from the end of the newest complete one
	for _, l := range s.coarse {
		l.level += l.slope * max(0, since+0.5)
		if fell := l.level - float64(k.Last); fell > max(fallen*l.gain(), doubt*(l.residual+s.noise)) {
			continue // it was reset since
		}
		kept = append(kept, l)
	}
	best, age, found := sharpest(kept)
	if !found {
		return regime{}, false
	}
	history := float64(now-k.First) / float64(r.width)
	level := best.level
	g = regime{line: best, age: age, decay: endures, gap: limit - level - overshoot*best.residual}
	switch {
	case len(s.peaks) == 0 && !k.Falling && age > history/2 && history >= enough:
		g.p, g.decay = min(1, newFor/history), young
	case s.saw:
		next := predictPeak(s.peaks, best.slope*late, s.noise, now)
		g.p = next.goesOn(level, limit)
		if len(s.peaks) < noLonger {
			g.p = max(g.p, s.novelty(r, best, age, history))
		}
	case len(s.peaks) >= noLonger && level < highest(s.peaks):
		return regime{}, false
	default:
		g.p = s.novelty(r, best, age, history)
	}
	return g, g.p > 0
}

// cycles returns the probability, by saw teeth as they were, that a peak reaches the limit, and how long a cycle is in
// ms. It reports false where the peaks say nothing of it: there are fewer than two, or they creep.
func (s *present) cycles(limit float64, now int64) (each float64, period int64, ok bool) {
	n := len(s.peaks)
	if !s.saw {
		return 0, 0, false
	}
	next := predictPeak(s.peaks, 0, s.noise, now)
	if next.trend {
		return 0, 0, false
	}
	return next.above(limit), (s.peaks[n-1].At - s.peaks[0].At) / int64(n-1), true
}

func highest(peaks []peak) float64 {
	most := math.Inf(-1)
	for _, p := range peaks {
		most = max(most, float64(p.Top))
	}
	return most
}

// novelty returns how likely a line is a new regime.
func (s *present) novelty(r *ring, l line, age, history float64) float64 {
	n := max(1, int(math.Round(l.length)))
	if int(before*age)+n+leastBefore > r.count { // there are hardly any such stretches of before that could have risen
		return 0
	}
	most := max(r.largestRise(n, int(before*age)), 2*s.noise)
	for i := 1; i < len(s.peaks); i++ {
		took := max(float64(s.peaks[i].At-s.peaks[i-1].FloorAt)/float64(r.width), 1.0/perBucket)
		gain := float64(s.peaks[i].Top - s.peaks[i-1].Floor)
		most = max(most, min(gain, gain/took*l.length))
	}
	return novelty(l.gain(), l.length, most, max(0, history-age-firstDays*float64(dayMillis)/float64(r.width)))
}

// dailyRise is the regime of a daily wave: how much its days rise, from the highest of the last one.
func dailyRise(y, peaks []float64, perDay int) regime {
	var rises [size / 4]float64 // of the days, the newest first
	var moves [size]float64
	days, spread := 0, 0.0
	for end := len(y); end >= 2*perDay; end -= perDay {
		n := 0
		for i := end - perDay; i < end; i++ {
			if m := y[i] - y[i-perDay]; m == m {
				moves[n] = m
				n++
			}
		}
		if n < perDay/2 {
			break
		}
		slices.Sort(moves[:n])
		rises[days] = moves[n/2]
		if days == 0 {
			spread = float64(moves[n*5/6]-moves[n/6]) / 2
		}
		days++
	}
	if days < 2 || rises[0] <= 0 {
		return regime{}
	}
	began := 1
	for began < days && rises[began] > rises[0]/2 {
		began++
	}
	noise := 1.25 * spread / math.Sqrt(float64(perDay)) // of a median
	if noise*certain > rises[0] {
		return regime{}
	}
	most := 2 * noise
	for _, v := range rises[began:days] {
		most = max(most, v)
	}
	top := math.Inf(-1)
	for _, v := range peaks[len(peaks)-perDay:] {
		if v > top {
			top = v
		}
	}
	day := float64(perDay)
	return regime{
		p:    novelty(rises[0], day, most, float64((days-began)*perDay)),
		line: line{length: day, slope: rises[0] / day, err: noise / rises[0], level: top},
		age:  float64(began) * day, decay: endures, gap: -top,
	}
}
