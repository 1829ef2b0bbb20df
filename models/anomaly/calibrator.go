package anomaly

import "math"

// The histogram of a calibrator: an eighth of an octave a bucket (a little less at its upper end), from 1/16 to 128.
const (
	buckets     = 11 << 3
	firstBucket = (127 - 4) << 3 // exponent of 1/16 and three bits of the mantissa, as a float32 has them
)

// Constants of the law. None depends on the series; docs/models-anomaly.md gives what other values cost.
const (
	blockWeight = 64         // of a whole block in the histogram
	alarmWeight = .3         // of a block that holds an alarm: what is wrong should not become usual
	memory      = 28 * day   // of the histogram
	schooling   = 14 * day   // until then a block weighs less, since errors shrink as the series becomes known
	shapeLow    = -.1        // bounds of the tail's shape: a bounded one, as of a maximum of normal values, ...
	shapeHigh   = .6         // ... and one without a variance
	shapeBlocks = 250        // at which the shape measured weighs as much as an exponential one
	doubt       = 1.6        // blocks of values alike, at which their number weighs as much as the law
	log5        = 1.60943791 // distance in log probability of the 50, 90 and 98 % points
)

// A calibrator turns a statistic into a tail probability. It keeps the largest value of each block of rows, so that
// neighbouring rows count once, in a logarithmic histogram that forgets, and extrapolates its tail as a generalised
// Pareto law through the 50, 90 and 98 % points, whose probabilities stand in the ratio of five (Pickands, 1975).
type calibrator struct {
	Hist  [buckets]uint16
	Total float32 // weight in Hist
	Peak  float32 // of the present block
	Rows  uint16  // of the present block
	Alarm bool    // the present block holds an alarm

	law
}

// law is the distribution of a block's largest value: its 50 % point, the distance from there to the 90 % point, and
// the shape of the tail beyond.
type law struct{ Mid, Slope, Shape float32 }

func bucket(v float64) int {
	return max(0, min(int(math.Float32bits(float32(v))>>20)-firstBucket, buckets-1))
}

func bucketFrom(i int) float64 {
	if i == 0 {
		return 0
	}
	return float64(math.Float32frombits(uint32(i+firstBucket) << 20))
}

// learn adds the value v >= 0 of one row of a block that counts weight, of (0, 1]; capacity is the number of whole
// blocks remembered and least the smallest slope.
func (c *calibrator) learn(v float64, alarm bool, rows int, capacity, weight, least float64) {
	c.Peak = max(c.Peak, float32(v))
	c.Alarm = c.Alarm || alarm
	c.Rows++
	if int(c.Rows) < rows {
		return
	}
	w := max(1, blockWeight*weight)
	if c.Alarm {
		w *= alarmWeight
	}
	i, n := bucket(float64(c.Peak)), uint16(w+.5)
	c.Hist[i] += n
	c.Total += float32(n)
	if float64(c.Total) > capacity*blockWeight || c.Hist[i] > math.MaxUint16-2*blockWeight {
		c.Total = 0
		for i, h := range c.Hist {
			c.Hist[i] = h - h/4
			c.Total += float32(c.Hist[i])
		}
	}
	c.Peak, c.Rows, c.Alarm = 0, 0, false
	c.fit(least)
}

// fit reads the law off the histogram.
func (c *calibrator) fit(least float64) {
	var q [3]float64
	share := [3]float64{.5, .9, .98}
	sum, k := 0.0, 0
	for i, h := range c.Hist {
		if h == 0 {
			continue
		}
		for ; k < 3 && sum+float64(h) >= share[k]*float64(c.Total); k++ {
			from, to := bucketFrom(i), bucketFrom(i+1)
			q[k] = from + (to-from)*(share[k]*float64(c.Total)-sum)/float64(h)
		}
		sum += float64(h)
	}
	slope := max(q[1]-q[0], least)
	shape := math.Log(max(q[2]-q[1], least/8)/slope) / log5
	c.law = law{Mid: float32(q[0]), Slope: float32(slope), Shape: float32(max(shapeLow, min(shape, shapeHigh)))}
}

// blocks is the number of whole blocks remembered.
func (c *calibrator) blocks() float64 { return float64(c.Total) / blockWeight }

// shrunk gives the law with its shape shrunk towards an exponential one while blocks are few.
func (c *calibrator) shrunk() law {
	l := c.law
	l.Shape *= float32(c.blocks() / (c.blocks() + shapeBlocks))
	return l
}

// atLeast gives p, an exponential law, widened to the one measured: by half at as many blocks as points.
func (c *calibrator) atLeast(p law, points float64) law {
	a := float32(c.blocks() / (c.blocks() + points))
	return law{Mid: p.Mid + a*max(0, c.Mid-p.Mid), Slope: p.Slope + a*max(0, c.Slope-p.Slope)}
}

// evidence is log(1/2) less the log probability that a block's largest value is above v: 0 up to the median, log 5 at
// the 90 % point. Where values like v were met, their number corrects the law, the more the more there were.
func (c *calibrator) evidence(v float64, l law) float64 {
	g := l.evidence(v)
	if g < 2 {
		return g
	}
	var met float64
	for _, h := range c.Hist[max(0, bucket(v)-alike):] {
		met += float64(h)
	}
	if met == 0 {
		return g
	}
	n := met / blockWeight
	return g + n/(n+doubt)*min(0, math.Log(.5*float64(c.Total)/(alarmWeight*met))-g)
}

const alike = 3 // buckets below a value that count as like it

func (l law) evidence(v float64) float64 {
	x := (v - float64(l.Mid)) / float64(l.Slope)
	if !(x > 0) {
		return 0
	}
	shape := float64(l.Shape)
	if x <= 1 || math.Abs(shape) < 1e-3 {
		return log5 * x
	}
	// The tail's scale is slope shape 5^shape / (5^shape - 1), so that its 80 % point (98 % of all) comes out.
	grow := math.Expm1(shape * log5)
	z := 1 + (x-1)*grow/(1+grow)
	if z <= 0 {
		return mostEvidence
	}
	return min(log5+math.Log(z)/shape, mostEvidence)
}

// mostEvidence of one part: a probability of 1e-13, beyond which there is nothing to tell apart.
const mostEvidence = 30
