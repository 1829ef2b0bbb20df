package exhaustion

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// peak is a highest value from which the series fell, and the lowest before it rose again.
type peak struct {
	At, FloorAt int64   // ms
	Top, Floor  float32 // in the ring's unit
}

// track is what is kept of a series besides the ring: its newest stretches at a finer grain, its peaks and stairs, and
// how old it is. Values are in the ring's unit.
type track struct {
	First int64 // time of the first sample, ms
	Fine  int64 // width of a stretch, ms
	Head  int64 // newest stretch
	Count int32 // stretches from the first to the newest, at most fineBuckets
	Sum   float64
	Seen  int32
	Means [fineBuckets]float32 // stretch n at n mod fineBuckets; NaN: no sample

	Quantum float32 // least difference between neighbouring samples that is one
	Last    float32 // newest sample

	Falling   bool    // since the extreme
	Extreme   float32 // highest since the last trough, or lowest since the last peak
	ExtremeAt int64
	Threshold float32 // by which a turn must depart from the extreme
	Peaks     [mostPeaks]peak
	Tops      int32 // peaks seen; the newest is at (tops-1) mod mostPeaks

	Stair     float32 // size of a step, 0: none seen
	Steps     [mostStairs]int64
	Stepped   int32 // steps seen
	Plateau   float32
	Plateaued bool
}

func newTrack(step, width int64) track {
	return track{First: unset, Fine: max(step, width/perBucket), ExtremeAt: unset}
}

// observe takes the sample x, which is a number, of time t.
func (k *track) observe(t int64, x float32) {
	if k.First == unset {
		k.First, k.Last, k.Extreme, k.ExtremeAt = t, x, x, t
	}
	if d := float32(math.Abs(float64(x - k.Last))); d > 0 && (k.Quantum == 0 || d < k.Quantum) {
		k.Quantum = d
	}
	k.Last = x
	k.advance(numeric.FloorDiv(t, k.Fine))
	k.Sum += float64(x)
	k.Seen++
	k.Means[slotOf(k.Head)] = float32(k.Sum / float64(k.Seen))
	k.follow(t, x)
}

// advance opens stretch n and all that were skipped.
func (k *track) advance(n int64) {
	if k.Count > 0 && n <= k.Head {
		return
	}
	if k.Count == 0 || n-k.Head >= fineBuckets {
		k.Count, k.Head = 0, n-1
	}
	for k.Head < n {
		k.Head++
		k.Count = min(k.Count+1, fineBuckets)
		k.Means[slotOf(k.Head)] = float32(math.NaN())
	}
	k.Sum, k.Seen = 0, 0
}

// follow follows the extremes: a fall by the threshold makes the highest a peak, a rise by it ends the trough.
func (k *track) follow(t int64, x float32) {
	switch {
	case k.Falling && x < k.Extreme:
		k.Extreme, k.ExtremeAt = x, t
		k.newestPeak().Floor, k.newestPeak().FloorAt = x, t
	case k.Falling && x > k.Extreme+k.Threshold && k.Threshold > 0:
		k.Falling, k.Extreme, k.ExtremeAt = false, x, t
	case !k.Falling && x >= k.Extreme:
		k.Extreme, k.ExtremeAt = x, t
	case !k.Falling && x < k.Extreme-k.Threshold && k.Threshold > 0:
		k.Peaks[k.Tops%mostPeaks] = peak{k.ExtremeAt, t, k.Extreme, x}
		k.Tops++
		k.Falling, k.Extreme, k.ExtremeAt = true, x, t
	}
}

func (k *track) newestPeak() *peak { return &k.Peaks[(k.Tops-1+mostPeaks)%mostPeaks] }

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
		noise := noiseOf(y[:n], float64(k.Quantum))
		var newest [fineBuckets]float64
		noise = max(noise, noiseOf(newest[:k.stretches(&newest)], float64(k.Quantum)))
		slices.Sort(y[:n])
		span := y[n-1-n/50] - y[n/50]
		k.Threshold = float32(max(turn*noise, span/4))
	}
}

// plateauOf follows a staircase: bucket by bucket, the level either stays or moves up by the same step.
func (k *track) plateauOf(t int64, level float32) {
	if !k.Plateaued {
		k.Plateau, k.Plateaued = level, true
		return
	}
	d := level - k.Plateau
	k.Plateau = level
	switch {
	case d == 0:
		return
	case d < 0, k.Stair > 0 && (d > 1.5*k.Stair || d < k.Stair/1.5):
		k.Stair, k.Stepped = 0, 0
		return
	}
	k.Stair = d
	k.Steps[k.Stepped%mostStairs] = t
	k.Stepped++
}

// rescale takes values to another unit.
func (k *track) rescale(f float64) {
	for _, v := range []*float32{&k.Quantum, &k.Last, &k.Extreme, &k.Threshold, &k.Stair, &k.Plateau} {
		*v = float32(float64(*v) * f)
	}
	for i := range k.Means {
		k.Means[i] = float32(float64(k.Means[i]) * f)
	}
	for i := range k.Peaks {
		k.Peaks[i].Top = float32(float64(k.Peaks[i].Top) * f)
		k.Peaks[i].Floor = float32(float64(k.Peaks[i].Floor) * f)
	}
	k.Sum *= f
}

// stretches writes the newest stretches to dst, oldest first, NaN where one has no sample, and returns how many.
func (k *track) stretches(dst *[fineBuckets]float64) int {
	n := int(k.Count)
	for i := range n {
		dst[i] = float64(k.Means[slotOf(k.Head-int64(n-1-i))])
	}
	return n
}

func slotOf(n int64) int { return int(((n % fineBuckets) + fineBuckets) % fineBuckets) }
