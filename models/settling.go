package models

import (
	"encoding/binary"
	"errors"
	"time"
)

// settling counts anomalous samples on end: once they go on for long enough they are what is normal now.
type settling struct{ samples int }

// Anomalous samples are held for an exception for six hours; with long steps, for twelve of them.
const (
	settleTime  = 6 * time.Hour
	settleSteps = 12
)

// judge takes in one sample. It reports whether to hold it for an exception, and returns, at the sample with which a run
// has settled, how long before that sample the run began, else 0.
func (s *settling) judge(there, anomalous bool, step time.Duration) (hold bool, settled time.Duration) {
	if !there {
		return false, 0
	}
	if !anomalous {
		s.samples = 0
		return false, 0
	}
	limit := int(max(settleSteps, settleTime/step))
	s.samples++
	if s.samples == limit {
		return false, time.Duration(limit-1) * step
	}
	return s.samples < limit, 0
}

// AppendBinary appends the state to b.
func (s *settling) AppendBinary(b []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(b, uint32(s.samples)), nil
}

// UnmarshalBinary restores what AppendBinary wrote.
func (s *settling) UnmarshalBinary(b []byte) error {
	if len(b) != 4 {
		return errors.New("settling: not a state")
	}
	s.samples = int(binary.BigEndian.Uint32(b))
	return nil
}
