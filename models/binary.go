package models

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// AppendBinary appends the state of the forecaster to b, for UnmarshalBinary on one made with the same options.
func (f *Forecaster) AppendBinary(b []byte) ([]byte, error) {
	parts := []interface {
		AppendBinary(b []byte) ([]byte, error)
	}{f.model}
	if f.scorer != nil {
		parts = append(parts, f.scorer)
	}
	if f.limit != nil {
		parts = append(parts, f.limit)
	}
	if f.budget != nil {
		parts = append(parts, f.budget)
	}
	if f.past != nil {
		parts = append(parts, f.past)
	}
	for _, p := range parts {
		at := len(b)
		b = append(b, 0, 0, 0, 0)
		var err error
		if b, err = p.AppendBinary(b); err != nil {
			return nil, err
		}
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b, nil
}

// UnmarshalBinary restores what AppendBinary wrote. On an error the forecaster is of no further use.
func (f *Forecaster) UnmarshalBinary(b []byte) error {
	part := func(name string, restore func([]byte) error) error {
		if len(b) < 4 {
			return fmt.Errorf("%s: the state ends early", name)
		}
		n := int(binary.BigEndian.Uint32(b))
		b = b[4:]
		if n > len(b) {
			return fmt.Errorf("%s: the state ends early", name)
		}
		err := restore(b[:n])
		b = b[n:]
		return err
	}
	if err := part("forecasts", f.model.UnmarshalBinary); err != nil {
		return err
	}
	if f.scorer != nil {
		if err := part("scores", f.scorer.UnmarshalBinary); err != nil {
			return err
		}
	}
	if f.limit != nil {
		if err := part("exhaustion", f.limit.UnmarshalBinary); err != nil {
			return err
		}
	}
	if f.budget != nil {
		if err := part("error budget", f.budget.UnmarshalBinary); err != nil {
			return err
		}
	}
	if f.past != nil {
		if err := part("past expectations", f.past.UnmarshalBinary); err != nil {
			return err
		}
	}
	if len(b) > 0 {
		return errors.New("the state is longer than it should be")
	}
	return nil
}
