package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
)

func (s *special) code(c *codec.Coder) {
	n := len(s.kinds)
	c.Int(&n, 0, math.MaxUint8)
	for i := range n {
		var dropped like // of a kind that there is no more
		d := &dropped
		if i < len(s.kinds) {
			d = &s.kinds[i]
		}
		d.code(c)
	}
	s.today.code(c)
	s.like.code(c)
	c.Int64(&s.day)
	c.Int64(&s.likeDay)
	kind := int(s.kind)
	c.Int(&kind, 0, math.MaxUint8)
	s.kind = uint8(kind)
	c.Finite(&s.shift)
	if s.day != 0 && kind != monthEdge && (kind == 0 || kind > len(s.kinds)) {
		s.day = 0 // of a kind that there is no more
	}
}

func (d *like) code(c *codec.Coder) {
	c.Int(&d.days, 0, math.MaxInt32)
	for h := range d.count {
		n := int(d.count[h])
		c.Int(&n, 0, math.MaxInt32)
		d.count[h] = int32(n)
		c.Float64(&d.special[h])
		c.Float64(&d.regular[h])
		c.Demand(n == 0 || !math.IsInf(d.special[h], 0) && !math.IsInf(d.regular[h], 0))
	}
}
