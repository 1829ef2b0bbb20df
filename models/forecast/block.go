package forecast

import (
	"math"
	"slices"
)

// block is the median's four words, its exponent's one, then the codes.
type block []uint16

const blockWords = 5 + blockLen

func (b block) encode(v []float64) {
	var sorted [blockLen]float64
	n := 0
	for _, x := range v {
		if !math.IsNaN(x) {
			sorted[n] = x
			n++
		}
	}
	slices.Sort(sorted[:n])
	reference := sorted[n/2]
	top := math.MinInt16
	if n > 0 {
		if d := max(reference-sorted[0], sorted[n-1]-reference); d > 0 {
			top = math.Ilogb(d)
		}
	}
	bits := math.Float64bits(reference)
	for j := range 4 {
		b[j] = uint16(bits >> (16 * j))
	}
	b[4] = uint16(int16(top))
	for j, x := range v {
		b[5+j] = codeNaN
		if !math.IsNaN(x) {
			b[5+j] = encodeFloat(x-reference, top)
		}
	}
}

func (b block) decode(j int) float64 {
	c := b[5+j]
	if c == codeNaN {
		return math.NaN()
	}
	return b.reference() + decodeFloat(c, b.top())
}

func (b block) decodeInto(dst []float64, j int) {
	reference, top := b.reference(), b.top()
	for i := range dst {
		if c := b[5+i+j]; c == codeNaN {
			dst[i] = math.NaN()
		} else {
			dst[i] = reference + decodeFloat(c, top)
		}
	}
}

func (b block) reference() float64 {
	return math.Float64frombits(uint64(b[0]) | uint64(b[1])<<16 | uint64(b[2])<<32 | uint64(b[3])<<48)
}

func (b block) top() int { return int(int16(b[4])) }

// encodeFloat rounds d to sixteen bits, given that its binary exponent is at most top.
func encodeFloat(d float64, top int) uint16 {
	bits := math.Float64bits(d)
	if d == 0 {
		return 0
	}
	sign := uint16(bits >> 63 << 15)
	bits = bits&^(1<<63) + 1<<(51-mantissa) // round half up; may carry into the exponent
	e := int(bits>>52) - 1023 - top + 31
	m := uint16(bits >> (52 - mantissa) & (1<<mantissa - 1))
	switch {
	case e > 31:
		e, m = 31, 1<<mantissa-2
	case e < 1:
		return 0
	case e == 31 && m == 1<<mantissa-1:
		m--
	}
	return sign | uint16(e)<<mantissa | m
}

func decodeFloat(c uint16, top int) float64 {
	e := int(c >> mantissa & 31)
	if e == 0 {
		return 0
	}
	e += top - 31 + 1023
	if e < 1 {
		return 0
	}
	return math.Float64frombits(uint64(c>>15)<<63 | uint64(min(e, 2046))<<52 | uint64(c&(1<<mantissa-1))<<(52-mantissa))
}
