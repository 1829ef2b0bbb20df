package anomaly

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// stateVersion changes with the layout or the meaning of learnt.
const stateVersion = 2

const stateHead = 1 + 8 + 4 // version, step, checksum of the rest

var errState = errors.New("anomaly: foreign or damaged state")

// AppendBinary appends the state of the scorer, for UnmarshalBinary on one made with the same step.
func (s *Scorer) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, stateVersion)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.step))
	b = append(b, 0, 0, 0, 0)
	b, err := binary.Append(b, binary.LittleEndian, &s.learnt)
	if err != nil {
		return b[:start], fmt.Errorf("anomaly: write state: %w", err)
	}
	sum := crc32.ChecksumIEEE(b[start+stateHead:])
	binary.LittleEndian.PutUint32(b[start+stateHead-4:], sum)
	return b, nil
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the scorer is as new.
func (s *Scorer) UnmarshalBinary(b []byte) error {
	s.learnt = learnt{}
	if len(b) != stateHead+binary.Size(&s.learnt) || b[0] != stateVersion ||
		binary.LittleEndian.Uint64(b[1:]) != uint64(s.step) ||
		binary.LittleEndian.Uint32(b[9:]) != crc32.ChecksumIEEE(b[stateHead:]) {
		return errState
	}
	var k learnt
	if _, err := binary.Decode(b[stateHead:], binary.LittleEndian, &k); err != nil {
		return fmt.Errorf("anomaly: read state: %w", err)
	}
	if !k.sound() {
		return errState
	}
	s.learnt = k
	return nil
}

// sound tells whether a state can be worked with: no index out of range, and a reference and unit to scale by.
func (k *learnt) sound() bool {
	return k.Fresh <= width && k.Dictionary.Len <= prototypes && k.Event.Part <= PartShape &&
		k.Ref-k.Ref == 0 && k.Unit >= 0 && k.Unit <= math.MaxFloat64 && k.First <= k.Last &&
		k.Season.At >= 0-1<<53 && k.Season.At <= 1<<53
}
