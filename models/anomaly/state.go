package anomaly

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
)

// stateVersion changes with the layout or the meaning of state.
const stateVersion = 4

// AppendBinary appends the state of the scorer, for UnmarshalBinary on one made with the same step.
func (s *Scorer) AppendBinary(b []byte) ([]byte, error) {
	return codec.Append(b, stateVersion, s.code)
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the scorer is as new.
func (s *Scorer) UnmarshalBinary(b []byte) error {
	if err := codec.Read(b, stateVersion, s.code); err != nil {
		s.state = fresh()
		return err
	}
	return nil
}

func (s *Scorer) code(c *codec.Coder) {
	c.Same(s.step)
	c.Fixed(&s.state)
	c.Demand(s.sound())
}

// sound reports whether a state can be worked with: no index out of range, and a reference and unit to scale by.
func (k *state) sound() bool {
	return k.Recent.At < hourRows && k.Recent.Rows <= hourRows && k.BlockRows < hourRows &&
		k.Ref-k.Ref == 0 && k.Unit >= 0 && k.Unit <= math.MaxFloat64
}
