package longterm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

var errState = errors.New("longterm: not a state of this model")

// AppendBinary appends the state of the model, for UnmarshalBinary.
func (m *Model) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.days)))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.last))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(m.since, math.MaxInt32)))
	b, err := binary.Append(b, binary.LittleEndian, m.days)
	if err == nil {
		b, err = binary.Append(b, binary.LittleEndian, m.odd)
	}
	if err != nil {
		return nil, fmt.Errorf("writing what was learnt of months: %w", err)
	}
	return binary.Append(b, binary.LittleEndian, &m.fit)
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the model has seen nothing.
func (m *Model) UnmarshalBinary(b []byte) error {
	*m = Model{}
	const head = 4 + 8 + 4
	if len(b) < head {
		return errState
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n > maxDays || len(b) != head+5*n+binary.Size(fit{}) {
		return errState
	}
	r := Model{
		days:  make([]float32, n),
		odd:   make([]bool, n),
		last:  int64(binary.LittleEndian.Uint64(b[4:])),
		since: int(binary.LittleEndian.Uint32(b[12:])),
	}
	reader := bytes.NewReader(b[head:])
	if err := errors.Join(binary.Read(reader, binary.LittleEndian, r.days), binary.Read(reader, binary.LittleEndian, r.odd), binary.Read(reader, binary.LittleEndian, &r.fit)); err != nil {
		return fmt.Errorf("%w: %w", errState, err)
	}
	w := r.fit.widths(0.5)
	if sum := r.fit.at(yearWeeks) + w.at(yearWeeks); r.fit.Done && (math.IsNaN(sum) || math.IsInf(sum, 0)) {
		return errState
	}
	*m = r
	return nil
}
