package expected

import (
	"math"

	"github.com/foresight-exporter/foresight/models/interval"
)

const (
	noPoint   = math.MaxUint16     // code of the mean of an interval.Unknown() point
	meanSteps = math.MaxUint16 - 1 // a span apart
	octave    = 16                 // codes of a distance for each doubling
	full      = math.MaxUint8      // code of a distance of a whole span
)

// block holds 24 points in 112 bytes. Means are kept linearly within [low, high], distances of the edges as logarithms
// relative to high - low: code c stands for 2^((c-255)/16) of it, 0 for none.
type block struct {
	low, high    float64 // of all edges in the block
	mean         [blockPoints]uint16
	below, above [blockPoints]uint8
}

func (b *block) clear() {
	b.low, b.high = 0, 0
	for i := range b.mean {
		b.mean[i], b.below[i], b.above[i] = noPoint, 0, 0
	}
}

// half of the span; the span of finite edges may overflow.
func (b *block) half() float64 { return b.high/2 - b.low/2 }

func (b *block) encode(points *[blockPoints]interval.Interval) {
	b.clear()
	low, high := math.Inf(1), math.Inf(-1)
	for i := range points {
		if points[i].Known() {
			low, high = min(low, points[i].Lower), max(high, points[i].Upper)
		}
	}
	if low > high {
		return
	}
	b.low, b.high = low, high
	half := b.half()
	for i, p := range points {
		if !p.Known() {
			continue
		}
		if half == 0 {
			b.mean[i] = 0
			continue
		}
		b.mean[i] = uint16(math.Round((p.Mean/2 - low/2) / half * meanSteps))
		mean := b.decodeMean(i) // edges are kept relative to what will be read, so that errors do not add up
		b.below[i] = encodeShare((mean/2 - p.Lower/2) / half)
		b.above[i] = encodeShare((p.Upper/2 - mean/2) / half)
	}
}

func (b *block) decodeMean(i int) float64 {
	share := float64(b.mean[i]) / meanSteps * b.half()
	return min(b.low+share+share, b.high)
}

// decode gives point i; unknown where there is none.
func (b *block) decode(i int) interval.Interval {
	if b.mean[i] == noPoint {
		return interval.Unknown()
	}
	mean, half := b.decodeMean(i), b.half()
	below, above := half*decodeShare(b.below[i]), half*decodeShare(b.above[i])
	return interval.Interval{Mean: mean, Lower: max(mean-below-below, b.low), Upper: min(mean+above+above, b.high)}
}

// encodeShare gives the code of a distance as a share of the span.
func encodeShare(share float64) uint8 {
	if !(share > decodeShare(1)/2) {
		return 0
	}
	return uint8(min(max(math.Round(full+octave*math.Log2(share)), 1), full))
}

func decodeShare(code uint8) float64 {
	if code == 0 {
		return 0
	}
	return math.Exp2(float64(int(code)-full) / octave)
}
