package exhaustion

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const budgetHead = 1 + 8*5 + 4 // version, width, last, head, sum, seen; count

// AppendBinary appends the state of the budget, for UnmarshalBinary on one made with the same options.
func (b *Budget) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(dst, stateVersion)
	for _, v := range [...]uint64{uint64(b.width), uint64(b.last), uint64(b.head), math.Float64bits(b.sum), uint64(b.seen)} {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.count))
	for k := range b.count {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(b.ratio[b.slot(k)]))
	}
	return dst, nil
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the budget is as new.
func (b *Budget) UnmarshalBinary(src []byte) error {
	fresh := NewBudget(b.options)
	*b = *fresh
	if len(src) < budgetHead || src[0] != stateVersion {
		return fmt.Errorf("%w: %d bytes", errForeign, len(src))
	}
	var word [5]uint64
	for i := range word {
		word[i] = binary.LittleEndian.Uint64(src[1+8*i:])
	}
	r := *fresh
	r.last, r.head = int64(word[1]), int64(word[2])
	r.sum, r.seen = math.Float64frombits(word[3]), int64(word[4])
	r.count = int(binary.LittleEndian.Uint32(src[1+8*len(word):]))
	switch {
	case int64(word[0]) != r.width:
		return fmt.Errorf("%w: made for buckets of %d ms", errForeign, int64(word[0]))
	case r.count > budgetSize || len(src) != budgetHead+4*r.count:
		return fmt.Errorf("%w: %d bytes for %d buckets", errForeign, len(src), r.count)
	case r.count > 0 && r.head != numeric.FloorDiv(r.last, r.width):
		return fmt.Errorf("%w: its newest bucket is not that of its newest sample", errForeign)
	case !(r.sum >= 0 && r.sum <= float64(r.seen)):
		return fmt.Errorf("%w: more errors than samples", errForeign)
	}
	for k := range r.count {
		v := math.Float32frombits(binary.LittleEndian.Uint32(src[budgetHead+4*k:]))
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%w: a ratio of %g", errForeign, v)
		}
		r.ratio[r.slot(k)] = v
	}
	*b = r
	return nil
}
