package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// outlierMask remembers which of the newest samples were anomalous, one bit each. They are learnt as if they were missing.
type outlierMask struct {
	bits   []uint64
	run    int   // anomalous samples on end
	newest int64 // number of the newest anomalous sample
}

func newOutlierMask(samples int) outlierMask {
	return outlierMask{bits: make([]uint64, (samples+63)/64)}
}

func (o *outlierMask) word(i int64) (*uint64, uint64) {
	j := numeric.Modulo(i, int64(64*len(o.bits)))
	return &o.bits[j/64], 1 << (j % 64)
}

func (o *outlierMask) has(i int64) bool {
	if i > o.newest {
		return false
	}
	w, bit := o.word(i)
	return *w&bit != 0
}

func (o *outlierMask) set(i int64, is bool) {
	w, bit := o.word(i)
	*w &^= bit
	if is {
		*w |= bit
	}
}

// mark notes whether sample i is anomalous.
func (o *outlierMask) mark(i int64, anomalous bool) {
	o.set(i, anomalous)
	if !anomalous {
		o.run = 0
		return
	}
	o.run++
	o.newest = i
}

// except holds sample i for an exception that is no part of a run.
func (o *outlierMask) except(i int64) {
	o.run = 0
	o.set(i, true)
	o.newest = i
}

// accept takes the marks of samples from first to last, the newest, back.
func (o *outlierMask) accept(first, last int64) {
	for i := max(first, last-int64(64*len(o.bits))+1); i <= last; i++ {
		o.set(i, false)
	}
	o.run = 0
}

// apply removes the anomalous samples from x, whose last is number last.
func (o *outlierMask) apply(x []float64, last int64) {
	x = x[max(0, len(x)-64*len(o.bits)):]
	for k := range x {
		i := last - int64(len(x)-1-k)
		if i > o.newest {
			return
		}
		if o.has(i) {
			x[k] = math.NaN()
		}
	}
}

// withoutRun returns what is remembered without the run under way, in memory of the caller's.
func (o *outlierMask) withoutRun(bits []uint64) outlierMask {
	c := *o
	c.bits = bits[:copy(bits, o.bits)]
	for k := range min(c.run, 64*len(c.bits)) {
		c.set(c.newest-int64(k), false)
	}
	return c
}
