package longterm

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
)

// stateVersion changes whenever what follows does.
const stateVersion = 1

// AppendBinary appends the state of the model, for UnmarshalBinary.
func (m *Model) AppendBinary(b []byte) ([]byte, error) { return codec.Append(b, stateVersion, m.code) }

// UnmarshalBinary restores what AppendBinary wrote; on an error the model has seen nothing.
func (m *Model) UnmarshalBinary(b []byte) error {
	*m = Model{}
	if err := codec.Read(b, stateVersion, m.code); err != nil {
		*m = Model{}
		return err
	}
	return nil
}

func (m *Model) code(c *codec.Coder) {
	n := len(m.days)
	if c.Int(&n, 0, maxDays); c.Reading() {
		m.days, m.odd = make([]float32, n), make([]bool, n)
	}
	c.Fixed(m.days)
	c.Fixed(m.odd)
	c.Int64(&m.last)
	m.since = min(m.since, math.MaxInt32)
	c.Int(&m.since, 0, math.MaxInt32)
	c.Fixed(&m.fit)
	if m.fit.Done && !c.Failed() {
		w := m.fit.widths(0.5)
		sum := m.fit.at(yearWeeks) + w.at(yearWeeks)
		c.Demand(sum-sum == 0)
	}
}
