package exhaustion

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// stateVersion changes whenever what follows does.
const stateVersion = 3

// AppendBinary appends the state of the model, for UnmarshalBinary on one made with the same options. The law is not
// part of it: it follows from what is.
func (m *Model) AppendBinary(b []byte) ([]byte, error) { return codec.Append(b, stateVersion, m.code) }

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	m.reset()
	if err := codec.Read(b, stateVersion, m.code); err != nil {
		m.reset()
		return err
	}
	return nil
}

func (m *Model) reset() {
	m.ring, m.track, m.law, m.present = m.ring.fresh(), newTrack(m.track.Fine, 0), law{end: never}, present{}
}

func (m *Model) code(c *codec.Coder) {
	m.ring.code(c)
	m.track.code(c)
	c.Demand(m.track.First <= m.ring.last)
}

func (r *ring) code(c *codec.Coder) {
	c.Same(r.width)
	c.Same(int64(r.window))
	c.Int64(&r.last)
	c.Int64(&r.head)
	c.Finite(&r.base)
	c.Finite(&r.unit)
	c.Demand(r.unit >= 0)
	r.stored(c, &r.sample, false)
	c.Int64(&r.seen)
	c.Demand(r.seen >= 0)
	c.Int(&r.count, 0, size)
	c.Demand(r.count == 0 || r.head == numeric.FloorDiv(r.last, r.width))
	c.Int(&r.kept, 0, perMedian)
	for i := range r.kept {
		r.stored(c, &r.sorted[i], false)
		c.Demand(i == 0 || r.sorted[i-1] <= r.sorted[i])
	}
	for k := range r.count {
		i := index(r.head - int64(k))
		r.stored(c, &r.highest[i], true)
		r.stored(c, &r.median[i], true)
	}
}

// stored is a value in the unit of the ring, which may be missing.
func (*ring) stored(c *codec.Coder, v *float32, missing bool) {
	c.Float32(v)
	c.Demand(math.Abs(float64(*v)) <= unitSpan || missing && *v != *v)
}

func (k *track) code(c *codec.Coder) {
	fine := k.Fine
	c.Fixed(k)
	c.Demand(k.Fine == fine && k.Count >= 0 && k.Count <= fineBuckets && k.Tops >= 0 && k.Stepped >= 0 && k.Seen >= 0)
}

// fresh is a ring of the same shape that has seen nothing.
func (r *ring) fresh() ring {
	return ring{width: r.width, every: r.every, single: r.single, window: r.window, last: math.MinInt64}
}
