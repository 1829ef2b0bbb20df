package predict

import "math"

// odd remembers which of the newest samples were anomalous, one bit each. They are learnt as if missing, unless they go
// on for so long that they are what is normal now.
type odd struct {
	bits   []uint64
	run    int   // anomalous samples on end
	newest int64 // number of the newest that was ever held for an exception
}

// settleTime is how long anomalous samples are held for an exception; with long steps, settleSteps of them.
const (
	settleTime  = 6 * hour
	settleSteps = 12
)

func newOdd(samples int) odd { return odd{bits: make([]uint64, (samples+63)/64)} }

func (o *odd) word(i int64) (*uint64, uint64) {
	j := modulo(i, int64(64*len(o.bits)))
	return &o.bits[j/64], 1 << (j % 64)
}

func (o *odd) has(i int64) bool {
	if i > o.newest {
		return false
	}
	w, bit := o.word(i)
	return *w&bit != 0
}

func (o *odd) set(i int64, is bool) {
	w, bit := o.word(i)
	*w &^= bit
	if is {
		*w |= bit
	}
}

// judge takes in whether sample i is anomalous and tells whether to hold it for an exception. Once a run of them has
// lasted for limit samples, all of it is taken back.
func (o *odd) judge(i int64, anomalous bool, limit int) bool {
	if !anomalous {
		o.run = 0
		o.set(i, false)
		return false
	}
	o.run++
	if o.run == limit {
		for j := range int64(limit) {
			o.set(i-j, false)
		}
	}
	if o.run < limit {
		o.set(i, true)
		o.newest = i
		return true
	}
	o.set(i, false)
	return false
}

// except holds sample i for an exception that never becomes normal.
func (o *odd) except(i int64) {
	o.run = 0
	o.set(i, true)
	o.newest = i
}

// blank removes the odd samples from x, whose last is number last.
func (o *odd) blank(x []float64, last int64) {
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
