package anomaly

import "math"

const (
	bucketsPerOctave = 8
	buckets          = 11 * bucketsPerOctave
	bucketBase       = (127 - 4) << 3 // exponent bits of 1/16, with three bits of the mantissa
	blockWeight      = 64
	shapePrior       = .15
	shapeBlocks      = 100 // blocks at which the measured shape weighs as much as the prior
)

// A calibrator turns one statistic into a tail probability. It keeps the largest value of each block of rows, which
// makes neighbouring rows count once, in a logarithmic histogram that forgets, and extrapolates its upper tail as a
// generalised Pareto law through the 50, 90 and 98 % points.
type calibrator struct {
	Hist  [buckets]uint16
	Peak  float32 // of the present block
	Total float32 // weight in Hist
	Rows  uint16  // of the present block
	Alarm bool    // the present block holds an alarm

	Mid, High, Slope, Shape float32 // 50 % and 90 % points, their distance, shape of the tail; of whole blocks
}

func bucket(v float64) int {
	return max(0, min(int(math.Float32bits(float32(v))>>20)-bucketBase, buckets-1))
}

func bucketEdge(i int) float64 { return float64(math.Float32frombits(uint32(i+bucketBase) << 20)) }

// learn adds one row; rows is the length of a block, memory the number of blocks remembered.
func (c *calibrator) learn(v float64, alarm bool, rows int, memory, weight, floor float64) {
	c.Peak = max(c.Peak, float32(v))
	c.Alarm = c.Alarm || alarm
	c.Rows++
	if int(c.Rows) < rows {
		return
	}
	w := max(1, blockWeight*weight)
	if c.Alarm {
		w *= K[13]
	}
	i := bucket(float64(c.Peak))
	c.Hist[i] = uint16(min(float64(c.Hist[i])+w+.5, 65535))
	c.Total += float32(math.Floor(w + .5))
	if float64(c.Total) > memory*blockWeight || c.Hist[i] > 65000 {
		c.Total = 0
		for i, h := range c.Hist {
			c.Hist[i] = h - h/4
			c.Total += float32(c.Hist[i])
		}
	}
	c.Peak, c.Rows, c.Alarm = 0, 0, false
	c.fit(floor)
}

var log5 = math.Log(5)

// fit reads the law off the histogram. floor is the least distance of its 50 and 90 % points.
func (c *calibrator) fit(floor float64) {
	var q [3]float64
	sum, k, at := 0.0, 0, [3]float64{.5, .9, .98}
	for i, h := range c.Hist {
		if h == 0 {
			continue
		}
		for k < 3 && sum+float64(h) >= at[k]*float64(c.Total) {
			lo, hi := bucketEdge(i), bucketEdge(i+1)
			if i == 0 {
				lo = 0
			}
			q[k] = lo + (hi-lo)*(at[k]*float64(c.Total)-sum)/float64(h)
			k++
		}
		sum += float64(h)
	}
	slope := max(q[1]-q[0], floor)
	shape := max(shapeLow, min(math.Log(max(q[2]-q[1], floor/8)/slope)/log5, shapeHigh))
	n := float64(c.Total) / blockWeight
	shape = K[11] + (shape-K[11])*n/(n+K[12])
	c.Mid, c.High, c.Slope, c.Shape = float32(q[0]), float32(q[0]+slope), float32(slope), float32(shape)
}

const (
	shapeLow, shapeHigh = -.1, .6
	alarmWeight         = .3
)

// evidence is -log of the probability that the largest value of a block is above v, from its median on: 0 there.
func (c *calibrator) evidence(v float64) float64 {
	g := c.evidence0(v)
	if K[21] > 0 && g > 2 {
		sum := 0.0
		for i := max(0, bucket(v)-int(K[22])); i < buckets; i++ {
			sum += float64(c.Hist[i])
		}
		if sum > 0 {
			if h := math.Log(.5 / (sum * K[21] / float64(c.Total))); h < g {
				g += K[23] * (h - g)
			}
		}
	}
	return g
}

func (c *calibrator) evidence0(v float64) float64 {
	if v <= float64(c.Mid) || c.Total < blockWeight/2 {
		return 0
	}
	slope, shape := float64(c.Slope), float64(c.Shape)
	y := (v - float64(c.High)) / slope
	if y <= 0 {
		return log5 * (1 + y)
	}
	if math.Abs(shape) < 1e-3 {
		return log5 * (1 + y)
	}
	grow := math.Expm1(shape * log5)
	inside := 1 + y*grow/grow*grow/math.Exp(shape*log5)
	_ = inside
	// scale of the tail: slope 5^shape shape / (5^shape - 1)
	scale := slope * (grow + 1) * shape / grow
	z := 1 + shape*(v-float64(c.High))/scale
	if z <= 0 {
		return 50
	}
	return log5 + math.Log(z)/shape
}
