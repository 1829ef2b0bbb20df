package anomaly

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// stateVersion changes with the layout or the meaning of state.
const stateVersion = 3

const stateHead = 1 + 8 + 4 // version, step, checksum of the rest

var errState = errors.New("anomaly: foreign or damaged state")

// AppendBinary appends the state of the scorer, for UnmarshalBinary on one made with the same step.
func (s *Scorer) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, stateVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.step))
	b = append(b, 0, 0, 0, 0)
	b, err := binary.Append(b, binary.LittleEndian, &s.state)
	if err != nil {
		return b[:start], fmt.Errorf("anomaly: write state: %w", err)
	}
	sum := crc32.ChecksumIEEE(b[start+stateHead:])
	binary.LittleEndian.PutUint32(b[start+stateHead-4:], sum)
	return b, nil
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the scorer is as new.
func (s *Scorer) UnmarshalBinary(b []byte) error {
	s.state = fresh()
	if len(b) != stateHead+binary.Size(&s.state) || b[0] != stateVersion ||
		binary.LittleEndian.Uint64(b[1:]) != uint64(s.step) ||
		binary.LittleEndian.Uint32(b[9:]) != crc32.ChecksumIEEE(b[stateHead:]) {
		return errState
	}
	var k state
	if _, err := binary.Decode(b[stateHead:], binary.LittleEndian, &k); err != nil {
		return fmt.Errorf("anomaly: read state: %w", err)
	}
	if !k.sound() {
		return errState
	}
	s.state = k
	return nil
}

// sound reports whether a state can be worked with: no index out of range, and a reference and unit to scale by.
func (k *state) sound() bool {
	return k.Recent.At < hourRows && k.Recent.Rows <= hourRows && k.BlockRows < hourRows &&
		k.Ref-k.Ref == 0 && k.Unit >= 0 && k.Unit <= math.MaxFloat64
}
