package exhaustion

import (
	"math"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// ring keeps the maximum and the median of the newest buckets of a series, as float32 in a unit of its own around a
// base of its own. Bucket n covers the times from n*width on; a bucket without a sample is NaN.
type ring struct {
	width  int64 // of a bucket, in ms
	every  int64 // which samples of a bucket its median is taken of
	single bool  // one sample fills a bucket
	window int   // buckets over whose median the limit is reached; 0: by one sample

	base, unit float64 // of what is stored; unit 0: nothing was seen
	last       int64   // newest moment, in ms
	sample     float32 // newest that is not missing, in the unit
	head       int64   // newest bucket
	count      int     // buckets from the first to the newest, at most size
	seen       int64   // samples of the newest bucket
	kept       int
	sorted     [perMedian]float32 // those that count for its median
	highest    [size]float32      // bucket n at n mod size
	median     [size]float32
}

func newRing(step int64, o *Options) ring {
	width := time.Hour.Milliseconds()
	for _, w := range o.Within {
		width = min(width, w.Milliseconds()/perWithin)
	}
	step = max(step, 1)
	r := ring{width: max(width, step), last: math.MinInt64}
	r.single = r.width == step
	r.every = (r.width/step + perMedian - 1) / perMedian
	if o.Sustained > 0 {
		r.window = int(min(size, (o.Sustained.Milliseconds()+r.width-1)/r.width))
	}
	return r
}

func (r *ring) observe(t int64, v float64) {
	if t <= r.last {
		return
	}
	r.last = t
	r.advance(numeric.FloorDiv(t, r.width))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if r.unit == 0 {
		r.base, r.unit = v, math.Abs(v)
		if r.unit < math.SmallestNonzeroFloat32 {
			r.unit = 1
		}
	}
	if math.Abs(r.scaled(v)) > unitSpan {
		r.rescale(math.Abs(v))
	}
	x, i := float32(r.scaled(v)), index(r.head)
	r.sample = x
	if !(r.highest[i] >= x) {
		r.highest[i] = x
	}
	if r.seen%r.every == 0 && r.kept < perMedian {
		k, _ := slices.BinarySearch(r.sorted[:r.kept], x)
		copy(r.sorted[k+1:r.kept+1], r.sorted[k:r.kept])
		r.sorted[k] = x
		r.kept++
		r.median[i] = r.sorted[r.kept/2]
	}
	r.seen++
}

// advance opens bucket n and all that were skipped.
func (r *ring) advance(n int64) {
	if r.count > 0 && n == r.head {
		return
	}
	if r.count == 0 || n-r.head >= size {
		r.count, r.head = 0, n-1
	}
	missing := float32(math.NaN())
	for r.head < n {
		r.head++
		r.count = min(r.count+1, size)
		r.highest[index(r.head)], r.median[index(r.head)] = missing, missing
	}
	r.kept, r.seen = 0, 0
}

// rescale takes a larger unit, for values that a float32 could not hold in the old one.
func (r *ring) rescale(unit float64) {
	f := r.unit / unit
	r.unit = unit
	r.sample = float32(float64(r.sample) * f)
	for i := range size {
		r.highest[i] = float32(float64(r.highest[i]) * f)
		r.median[i] = float32(float64(r.median[i]) * f)
	}
	for i := range r.kept {
		r.sorted[i] = float32(float64(r.sorted[i]) * f)
	}
}

// scaled gives v in the unit of the ring, held to what a float32 holds; NaN before the first sample.
func (r *ring) scaled(v float64) float64 {
	if r.unit == 0 {
		return math.NaN()
	}
	return max(-farthest, min(farthest, v/r.unit-r.base/r.unit))
}

// complete is the newest bucket that no sample will change any more.
func (r *ring) complete() int64 {
	if r.single {
		return r.head
	}
	return r.head - 1
}

// newest is what is held against the limit: the newest sample, or the median over the window; NaN where nothing was seen
// for long.
func (r *ring) newest() float64 {
	if r.window > 0 {
		return r.trailing(r.window)
	}
	if math.IsNaN(r.peak()) {
		return math.NaN()
	}
	return float64(r.sample)
}

// peak is the highest of the newest bucket that has samples; NaN where nothing was seen for long.
func (r *ring) peak() float64 {
	for k := range min(r.count, staleAfter) {
		if v := r.highest[index(r.head-int64(k))]; v == v {
			return float64(v)
		}
	}
	return math.NaN()
}

// trailing is the median of the medians of the newest w buckets.
func (r *ring) trailing(w int) float64 {
	var all [size]float32
	n := 0
	for k := range min(r.count, w) {
		if v := r.median[index(r.head-int64(k))]; v == v {
			all[n] = v
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	slices.Sort(all[:n])
	return float64(all[n/2])
}

func index(n int64) int { return int(numeric.Modulo(n, size)) }
