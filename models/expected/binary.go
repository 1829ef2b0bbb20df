package expected

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

// stateVersion changes whenever what follows does.
const stateVersion = 2

// AppendBinary appends the state, for UnmarshalBinary on a memory made with the same step and history.
func (m *Memory) AppendBinary(b []byte) ([]byte, error) { return codec.Append(b, stateVersion, m.code) }

// UnmarshalBinary restores what AppendBinary wrote for a memory of the same step and history. On an error the memory
// is as new.
func (m *Memory) UnmarshalBinary(b []byte) error {
	m.Reset()
	if err := codec.Read(b, stateVersion, m.code); err != nil {
		m.Reset()
		return err
	}
	return nil
}

func (m *Memory) code(c *codec.Coder) {
	c.Same(m.step)
	c.Same(int64(len(m.blocks)))
	if c.Bool(&m.some); !m.some {
		return
	}
	c.Int64(&m.phase)
	c.Int64(&m.number)
	c.Int64(&m.newest)
	codeInterval(c, &m.latest)
	for i := range m.pending {
		codeInterval(c, &m.pending[i])
	}
	for i := range m.blocks {
		m.blocks[i].code(c)
	}
	c.Demand(m.consistent())
}

// consistent reports whether the newest time fits the grid and the block being filled. Times are held to what keeps the
// arithmetic of slots from overflowing.
func (m *Memory) consistent() bool {
	const limit = math.MaxInt64 / 4
	return m.newest > -limit && m.newest < limit && m.phase >= 0 && m.phase < m.step &&
		numeric.FloorDiv(m.slot(m.newest), blockPoints) == m.number
}

// codeInterval takes one byte for an unknown one, as most of a young block are.
func codeInterval(c *codec.Coder, v *interval.Interval) {
	is := v.Known()
	if c.Bool(&is); !is {
		*v = interval.Unknown()
		return
	}
	c.Finite(&v.Mean)
	c.Finite(&v.Lower)
	c.Finite(&v.Upper)
	c.Demand(v.Lower <= v.Mean && v.Mean <= v.Upper)
}

func (b *block) code(c *codec.Coder) {
	is := !b.empty()
	if c.Bool(&is); !is {
		return
	}
	c.Finite(&b.low)
	c.Finite(&b.high)
	c.Demand(b.low <= b.high)
	c.Fixed(b.mean[:])
	c.Fixed(b.below[:])
	c.Fixed(b.above[:])
}

func (b *block) empty() bool {
	for _, c := range b.mean {
		if c != noPoint {
			return false
		}
	}
	return true
}
