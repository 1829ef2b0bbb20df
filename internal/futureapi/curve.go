package futureapi

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// part names the family of a curve.
type part uint8

const (
	noCurve part = iota
	expected
	lower
	upper
)

func (p part) of(x *board.Point) float64 {
	switch p {
	case lower:
		return x.Lower
	case upper:
		return x.Upper
	}
	return x.Mean
}

// millis are Unix milliseconds; under this name vet does not take Seek for io.Seeker's.
type millis = int64

// curve iterates over the samples of one series: at every step within [from, to], interpolated between points that
// are no further apart than gap.
type curve struct {
	points         []board.Point // in the order of time
	part           part
	gap            int64
	from, to, step int64
	phase          int64 // samples lie at phase + k*step

	i    int // newest point that is not after t
	t    int64
	v    float64
	on   bool  // at the sample (t, v)
	next int64 // where to look for the next one
	err  error
}

// reset prepares for another series, whose samples are at multiples of step. The memory of the points is kept.
func (c *curve) reset(from, to, step int64) {
	*c = curve{points: c.points[:0], from: from, to: to, step: step, next: math.MinInt64}
}

// hold makes the series have a value from origin on.
func (c *curve) hold(v float64, origin int64) {
	c.phase = origin % c.step
	c.points = append(c.points, board.Point{T: origin, Interval: models.Interval{Mean: v}}, board.Point{T: math.MaxInt64, Interval: models.Interval{Mean: v}})
	c.gap = math.MaxInt64
}

// compute asks for the points of a forecast curve and gives its origin. It is asked no more often than every taskStep,
// between which nothing more is known than what a line says.
func (c *curve) compute(a board.Ahead, p part, taskStep int64) (origin int64) {
	c.part, c.gap = p, max(c.step, taskStep)
	c.points, origin = a.Curve(c.points, floorTo(c.from, c.gap), floorTo(c.to+c.gap-1, c.gap), time.Duration(c.gap)*time.Millisecond)
	return origin
}

func floorTo(t, step int64) int64 {
	r := t % step
	if r < 0 {
		r += step
	}
	return t - r
}

// Next goes to the next sample.
func (c *curve) Next() chunkenc.ValueType { return c.find(c.next) }

// Seek goes to the first sample at or after t, never back.
func (c *curve) Seek(t millis) chunkenc.ValueType {
	if c.on && t <= c.t {
		return chunkenc.ValFloat
	}
	return c.find(max(t, c.next))
}

// find goes to the first sample at or after t.
func (c *curve) find(t int64) chunkenc.ValueType {
	c.on, c.next = false, math.MaxInt64
	if c.err != nil {
		return chunkenc.ValNone
	}
	for t = max(t, c.from); t <= c.to; {
		t = c.onGrid(t)
		for c.i+1 < len(c.points) && c.points[c.i+1].T <= t {
			c.i++
		}
		if t > c.to || c.i >= len(c.points) {
			break
		}
		a := &c.points[c.i]
		switch {
		case t < a.T:
			t = a.T
			continue
		case t == a.T:
			c.v = c.part.of(a)
		case c.i+1 == len(c.points):
			return chunkenc.ValNone
		default:
			b := &c.points[c.i+1]
			if b.T-a.T > c.gap {
				t = b.T
				continue
			}
			c.v = c.part.of(a)
			if end := c.part.of(b); end != c.v { // equal ones may be infinite
				share := float64(t-a.T) / float64(b.T-a.T)
				c.v = c.v*(1-share) + end*share
			}
		}
		c.t, c.on, c.next = t, true, t+1
		return chunkenc.ValFloat
	}
	return chunkenc.ValNone
}

// onGrid gives the first moment of the grid at or after t.
func (c *curve) onGrid(t int64) int64 { return floorTo(t-c.phase+c.step-1, c.step) + c.phase }

func (c *curve) At() (int64, float64) { return c.t, c.v }
func (c *curve) AtT() int64           { return c.t }
func (c *curve) AtST() int64          { return 0 }
func (c *curve) Err() error           { return c.err }

func (c *curve) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	return c.t, nil
}

func (c *curve) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return c.t, nil
}
