package exhaustion

import (
	"math"
	"slices"
	"time"
)

const (
	fineBuckets = 72            // newest stretches of the series, a twelfth of a bucket or a step long
	perBucket   = 12            // of them in a bucket, at most
	mostPeaks   = 32            // peaks that are remembered, beyond the ring
	mostStairs  = 16            // steps of a staircase that are
	retake      = 24            // buckets after which range and threshold are taken anew
	unset       = math.MinInt64 // of a time
	dayMillis   = int64(24 * time.Hour / time.Millisecond)
)

// peak is a highest value from which the series fell, and the lowest before it rose again.
type peak struct {
	at, floorAt int64   // ms
	top, floor  float32 // in the ring's unit
}

// track is what is kept of a series besides the ring: its newest stretches at a finer grain, its peaks and stairs, and
// how old it is. Values are in the ring's unit.
type track struct {
	first int64 // time of the first sample, ms
	fine  int64 // width of a stretch, ms
	head  int64 // newest stretch
	count int   // stretches from the first to the newest, at most fineBuckets
	sum   float64
	seen  int32
	means [fineBuckets]float32 // stretch n at n mod fineBuckets; NaN: no sample

	quantum float32 // least difference between neighbouring samples that is one
	last    float32 // newest sample

	falling   bool    // since the extreme
	extreme   float32 // highest since the last trough, or lowest since the last peak
	extremeAt int64
	threshold float32 // by which a turn must depart from the extreme
	peaks     [mostPeaks]peak
	tops      int // peaks seen; the newest is at (tops-1) mod mostPeaks

	stair     float32 // size of a step, 0: none seen
	steps     [mostStairs]int64
	stepped   int // steps seen
	plateau   float32
	plateaued bool
}

func newTrack(step, width int64) track {
	return track{first: unset, fine: max(step, width/perBucket), extremeAt: unset}
}

// observe takes the sample x, which is a number, of time t.
func (k *track) observe(t int64, x float32) {
	if k.first == unset {
		k.first, k.last, k.extreme, k.extremeAt = t, x, x, t
	}
	if d := float32(math.Abs(float64(x - k.last))); d > 0 && (k.quantum == 0 || d < k.quantum) {
		k.quantum = d
	}
	k.last = x
	k.advance(floorDiv(t, k.fine))
	k.sum += float64(x)
	k.seen++
	k.means[slotOf(k.head)] = float32(k.sum / float64(k.seen))
	k.turn(t, x)
}

// advance opens stretch n and all that were skipped.
func (k *track) advance(n int64) {
	if k.count > 0 && n <= k.head {
		return
	}
	if k.count == 0 || n-k.head >= fineBuckets {
		k.count, k.head = 0, n-1
	}
	for k.head < n {
		k.head++
		k.count = min(k.count+1, fineBuckets)
		k.means[slotOf(k.head)] = float32(math.NaN())
	}
	k.sum, k.seen = 0, 0
}

// turn follows the extremes: a fall by the threshold makes the highest a peak, a rise by it ends the trough.
func (k *track) turn(t int64, x float32) {
	switch {
	case k.falling && x < k.extreme:
		k.extreme, k.extremeAt = x, t
		k.newestPeak().floor, k.newestPeak().floorAt = x, t
	case k.falling && x > k.extreme+k.threshold && k.threshold > 0:
		k.falling, k.extreme, k.extremeAt = false, x, t
	case !k.falling && x >= k.extreme:
		k.extreme, k.extremeAt = x, t
	case !k.falling && x < k.extreme-k.threshold && k.threshold > 0:
		k.peaks[k.tops%mostPeaks] = peak{k.extremeAt, t, k.extreme, x}
		k.tops++
		k.falling, k.extreme, k.extremeAt = true, x, t
	}
}

func (k *track) newestPeak() *peak { return &k.peaks[(k.tops-1+mostPeaks)%mostPeaks] }

// bucket takes in that a bucket of the ring has ended: its level for the staircase, and now and then by how much a turn
// must depart.
func (k *track) bucket(r *ring, ended int64) {
	if r.count > 0 && ended != r.head {
		if v := r.median[index(ended)]; v == v && r.count > 1 {
			k.plateauOf(ended*r.width, v)
		}
	}
	if r.count < 2*retake || r.head%retake == 0 {
		var y [size]float64
		n := 0
		for i := range r.count {
			if v := r.median[index(r.head-int64(r.count-1-i))]; v == v {
				y[n] = float64(v)
				n++
			}
		}
		if n < 2 {
			return
		}
		noise := noiseOf(y[:n], float64(k.quantum))
		var newest [fineBuckets]float64
		noise = max(noise, noiseOf(newest[:k.stretches(&newest)], float64(k.quantum)))
		slices.Sort(y[:n])
		span := y[n-1-n/50] - y[n/50]
		k.threshold = float32(max(8*noise, span/4))
	}
}

// plateauOf follows a staircase: bucket by bucket, the level either stays or moves up by the same step.
func (k *track) plateauOf(t int64, level float32) {
	if !k.plateaued {
		k.plateau, k.plateaued = level, true
		return
	}
	d := level - k.plateau
	k.plateau = level
	switch {
	case d == 0:
		return
	case d < 0, k.stair > 0 && (d > 1.5*k.stair || d < k.stair/1.5):
		k.stair, k.stepped = 0, 0
		return
	}
	k.stair = d
	k.steps[k.stepped%mostStairs] = t
	k.stepped++
}

// rescale takes values to another unit.
func (k *track) rescale(f float64) {
	for _, v := range []*float32{&k.quantum, &k.last, &k.extreme, &k.threshold, &k.stair, &k.plateau} {
		*v = float32(float64(*v) * f)
	}
	for i := range k.means {
		k.means[i] = float32(float64(k.means[i]) * f)
	}
	for i := range k.peaks {
		k.peaks[i].top = float32(float64(k.peaks[i].top) * f)
		k.peaks[i].floor = float32(float64(k.peaks[i].floor) * f)
	}
	k.sum *= f
}

// stretches writes the newest stretches to dst, oldest first, NaN where one has no sample, and returns how many.
func (k *track) stretches(dst *[fineBuckets]float64) int {
	for i := range k.count {
		dst[i] = float64(k.means[slotOf(k.head-int64(k.count-1-i))])
	}
	return k.count
}

func slotOf(n int64) int { return int(((n % fineBuckets) + fineBuckets) % fineBuckets) }
