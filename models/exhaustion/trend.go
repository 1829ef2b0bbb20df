package exhaustion

import (
	"math"
	"slices"
)

// trend says how the level of a series is told from its peaks.
type trend uint8

const (
	noisy        trend = iota // the level is the median of a day, the peaks lie above it
	accumulating              // the level is the newest peak
	sustained                 // the level is what is held against the limit
)

// classify calls a series accumulating where at most a fifth of its moves are falls of more than a quarter of the
// median move, which it returns too.
func classify(r *ring, y []float64) (trend, float64) {
	if r.window > 0 {
		return sustained, 0
	}
	var moves, sizes [size + 1]float64
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
		return accumulating, sizes[n/2]
	}
	return noisy, sizes[n/2]
}

// level is that of the newest bucket; newest is what is held against the limit, and below it.
func (c trend) level(r *ring, newest, limit float64) float64 {
	switch c {
	case noisy:
		return r.trailing(day)
	case accumulating:
		if peak := r.peak(); peak < limit {
			return peak
		}
	case sustained:
	}
	return newest
}

// path is a series as the law is learnt of it: one value a bucket, NaN where one is missing.
type path struct {
	trend  trend
	n      int           // buckets
	peak   [size]float64 // held against the limit
	level  [size]float64 // from where the rise to the limit is counted
	median [size]float64
	days   [size]float64 // highest of the last 24 buckets; accumulating only
	weeks  [size]float64 // highest of the last 168
	gross  [size]float64 // the level without its reclaims
	usual  [size]float64 // median of the last 168; where not accumulating
}

// fill reads the ring up to the bucket end.
func (p *path) fill(r *ring, end int64) {
	n := max(0, r.count-int(r.head-end))
	p.n = n
	for i := range n {
		k := index(end - int64(n-1-i))
		p.peak[i], p.median[i] = float64(r.highest[k]), float64(r.median[k])
	}
	var move float64
	p.trend, move = classify(r, p.peak[:n])
	switch p.trend {
	case sustained:
		medians(p.level[:n], p.median[:n], r.window)
		p.peak = p.level
	case noisy:
		medians(p.level[:n], p.median[:n], day)
	case accumulating:
		last, reclaimed := math.NaN(), 0.0
		for i, v := range p.peak[:n] {
			if v < last-reclaim*move {
				reclaimed += last - v
			}
			if v == v {
				last = v
			}
			p.level[i], p.gross[i] = last, last+reclaimed
		}
		maxima(p.days[:n], p.peak[:n], day)
		maxima(p.weeks[:n], p.peak[:n], 7*day)
	}
	if p.trend != accumulating {
		medians(p.usual[:n], p.median[:n], 7*day)
	}
}
