package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// blockLen is how many samples share one reference in a ring.
const blockLen = 28

const (
	codeNaN  = 0xFFFF
	mantissa = 10 // bits of a code; above them five bits of exponent and the sign
)

// ring remembers the newest samples in two bytes each: blocks of blockLen samples, aligned to absolute time, hold the
// difference to the block's median as sign, binary exponent below the block's largest, and ten bits of mantissa. A
// sample so keeps its difference to its neighbours to 1 in 2,048 whatever the level, outliers cost the others nothing,
// and medians, constants and small whole numbers are exact. The unfinished block is kept as it came.
type ring struct {
	next  int64    // number of the next sample: its time / step
	first int64    // number of the first sample ever pushed; never before one was
	words []uint16 // blocks
	open  []float64
}

const never = math.MinInt64

func newRing(samples int) ring {
	r := ring{words: make([]uint16, (samples+blockLen-1)/blockLen*blockWords), open: make([]float64, blockLen)}
	r.clear()
	return r
}

func (r *ring) clear() {
	for i := range r.words {
		r.words[i] = codeNaN
	}
	r.next, r.first = 0, never
}

// span is how many samples are remembered at any moment once that many were pushed.
func (r *ring) span() int { return len(r.words) / blockWords * blockLen }

// empty reports whether nothing was pushed.
func (r *ring) empty() bool { return r.first == never }

// count is how many samples are remembered, missing ones among them.
func (r *ring) count() int {
	if r.empty() {
		return 0
	}
	return int(min(r.next-r.first, int64(r.span())))
}

// push appends sample number i, filling with NaN what was skipped. i is at least r.next once something was pushed.
func (r *ring) push(i int64, v float64) {
	if r.empty() {
		r.next, r.first = i, i
		for j := range r.open {
			r.open[j] = math.NaN()
		}
	}
	if i-r.next > int64(r.span()) {
		first := r.first
		r.clear()
		r.next, r.first = i, first
		for j := range r.open {
			r.open[j] = math.NaN()
		}
	}
	for r.next < i {
		r.put(math.NaN())
	}
	r.put(v)
}

func (r *ring) put(v float64) {
	j := numeric.Modulo(r.next, blockLen)
	r.open[j] = v
	r.next++
	if j == blockLen-1 {
		r.block(r.next - 1).encode(r.open)
		for j := range r.open {
			r.open[j] = math.NaN()
		}
	}
}

func (r *ring) block(i int64) block {
	b := numeric.Modulo(numeric.FloorDiv(i, blockLen), int64(len(r.words)/blockWords)) * blockWords
	return r.words[b : b+blockWords]
}

// lag returns the sample k before the newest, NaN where it is missing or forgotten.
func (r *ring) lag(k int) float64 {
	if k < 0 || k >= r.count() {
		return math.NaN()
	}
	i := r.next - 1 - int64(k)
	j := numeric.Modulo(i, blockLen)
	if i-j == r.next-numeric.Modulo(r.next, blockLen) {
		return r.open[j]
	}
	return r.block(i).decode(int(j))
}

// tail fills dst with the newest samples, oldest first, NaN where missing.
func (r *ring) tail(dst []float64) { r.read(dst, len(dst)-1) }

// read fills dst with samples from the one lag before the newest on, NaN where missing.
func (r *ring) read(dst []float64, lag int) {
	n := max(0, min(lag+1-r.count(), len(dst)))
	for i := range n {
		dst[i] = math.NaN()
	}
	dst, lag = dst[n:], lag-n
	i := r.next - 1 - int64(lag)
	open := r.next - numeric.Modulo(r.next, blockLen)
	for len(dst) > 0 {
		j := int(numeric.Modulo(i, blockLen))
		m := min(blockLen-j, len(dst))
		if i-int64(j) == open {
			copy(dst[:m], r.open[j:])
		} else {
			r.block(i).decodeInto(dst[:m], j)
		}
		dst, i = dst[m:], i+int64(m)
	}
}
