package exhaustion

import (
	"math"
	"slices"
)

// class says how the level of a series is told from its peaks.
type class uint8

const (
	noisy        class = iota // the level is the median of a day, the peaks lie above it
	accumulating              // the level is the newest peak
	sustained                 // the level is what is held against the limit
)

// classify calls a series accumulating where at most a fifth of its moves are falls of more than a quarter of the
// median move.
func classify(r *ring, y []float64) class {
	if r.window > 0 {
		return sustained
	}
	var moves, sizes [size]float64
	n, last := 0, math.NaN()
	for _, v := range y {
		if v != v {
			continue
		}
		if d := v - last; d == d && d != 0 {
			moves[n], sizes[n] = d, math.Abs(d)
			n++
		}
		last = v
	}
	slices.Sort(sizes[:n])
	falls := 0
	for _, d := range moves[:n] {
		if d < -sizes[n/2]/4 {
			falls++
		}
	}
	if falls*5 <= n {
		return accumulating
	}
	return noisy
}

// level is that of the newest bucket; newest is what is held against the limit.
func (c class) level(r *ring, newest float64) float64 {
	if c == noisy {
		return r.trailing(day)
	}
	return newest
}

// path is a series as the law is learnt of it: one value a bucket, NaN where one is missing.
type path struct {
	class     class
	peak      []float64 // held against the limit
	level     []float64 // from where the rise to the limit is counted
	days      []float64 // highest of the last 24 buckets; accumulating only
	weeks     []float64 // highest of the last 168
	peakOf    [size]float64
	levelOf   [size]float64
	daysOf    [size]float64
	weeksOf   [size]float64
	mediansOf [size]float64
}

// fill reads the ring up to the bucket end.
func (p *path) fill(r *ring, end int64) {
	n := max(0, r.count-int(r.head-end))
	p.peak, p.level = p.peakOf[:n], p.levelOf[:n]
	median := p.mediansOf[:n]
	for i := range n {
		k := index(end - int64(n-1-i))
		p.peak[i], median[i] = float64(r.highest[k]), float64(r.median[k])
	}
	p.class = classify(r, p.peak)
	switch p.class {
	case sustained:
		medians(p.level, median, r.window)
		copy(p.peak, p.level)
	case noisy:
		medians(p.level, median, day)
	case accumulating:
		last := math.NaN()
		for i, v := range p.peak {
			if v == v {
				last = v
			}
			p.level[i] = last
		}
		p.days, p.weeks = p.daysOf[:n], p.weeksOf[:n]
		maxima(p.days, p.peak, day)
		maxima(p.weeks, p.peak, 7*day)
	}
}
