package exhaustion

import (
	"encoding/binary"
	"errors"
	"math"
)

const budgetVersion = 1

// AppendBinary appends the state of the budget, for UnmarshalBinary on one made with the same options.
func (b *Budget) AppendBinary(to []byte) ([]byte, error) {
	to = append(to, budgetVersion)
	for _, v := range []uint64{uint64(b.last), uint64(b.head), uint64(b.count), math.Float64bits(b.sum), uint64(b.seen)} {
		to = binary.BigEndian.AppendUint64(to, v)
	}
	return binary.Append(to, binary.BigEndian, b.ratio[:])
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the budget is as new.
func (b *Budget) UnmarshalBinary(from []byte) error {
	const head = 1 + 5*8
	if len(from) != head+4*budgetSize || from[0] != budgetVersion {
		return errors.New("error budget: foreign state")
	}
	word := func(i int) uint64 { return binary.BigEndian.Uint64(from[1+8*i:]) }
	read := Budget{
		options: b.options, width: b.width, window: b.window,
		last: int64(word(0)), head: int64(word(1)), count: int(word(2)), sum: math.Float64frombits(word(3)), seen: int64(word(4)),
	}
	for i := range read.ratio {
		v := math.Float32frombits(binary.BigEndian.Uint32(from[head+4*i:]))
		if !(v >= 0 && v <= 1) {
			return errors.New("error budget: damaged state")
		}
		read.ratio[i] = v
	}
	if read.count < 0 || read.count > budgetSize || read.seen < 0 || !(read.sum >= 0 && read.sum <= float64(read.seen)) ||
		read.count > 0 && read.head != floorDiv(read.last, read.width) {
		return errors.New("error budget: damaged state")
	}
	*b = read
	return nil
}
