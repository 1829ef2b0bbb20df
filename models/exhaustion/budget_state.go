package exhaustion

import (
	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// AppendBinary appends the state of the budget, for UnmarshalBinary on one made with the same options.
func (b *Budget) AppendBinary(dst []byte) ([]byte, error) {
	return codec.Append(dst, stateVersion, b.code)
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the budget is as new.
func (b *Budget) UnmarshalBinary(src []byte) error {
	*b = *NewBudget(b.options)
	if err := codec.Read(src, stateVersion, b.code); err != nil {
		*b = *NewBudget(b.options)
		return err
	}
	return nil
}

func (b *Budget) code(c *codec.Coder) {
	c.Same(b.width)
	c.Int64(&b.last)
	c.Int64(&b.head)
	c.Float64(&b.sum)
	c.Int64(&b.seen)
	c.Demand(b.sum >= 0 && b.sum <= float64(b.seen))
	c.Int(&b.count, 0, budgetSize)
	c.Demand(b.count == 0 || b.head == numeric.FloorDiv(b.last, b.width))
	for k := range b.count {
		v := &b.ratio[b.slot(k)]
		c.Float32(v)
		c.Demand(*v >= 0 && *v <= 1)
	}
}
