package forecast

import (
	"encoding/binary"
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// coder writes or reads a state, field by field in the same order.
type coder struct {
	b       []byte
	writing bool
	failed  bool
}

func (c *coder) fail() { c.failed = true }

// demand fails a state read that breaks what the code relies on.
func (c *coder) demand(ok bool) {
	if !ok {
		c.fail()
	}
}

func (c *coder) word(v uint64, size int) uint64 {
	if c.writing {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], v)
		c.b = append(c.b, w[:size]...)
		return v
	}
	if len(c.b) < size {
		c.fail()
		c.b = nil
		return 0
	}
	var w [8]byte
	copy(w[:], c.b[:size])
	c.b = c.b[size:]
	return binary.LittleEndian.Uint64(w[:])
}

func (c *coder) same(v int64) {
	if int64(c.word(uint64(v), 8)) != v {
		c.fail()
	}
}

func (c *coder) int64(v *int64) { *v = int64(c.word(uint64(*v), 8)) }

func (c *coder) float64(v *float64) { *v = math.Float64frombits(c.word(math.Float64bits(*v), 8)) }

func (c *coder) float32(v *float32) {
	*v = math.Float32frombits(uint32(c.word(uint64(math.Float32bits(*v)), 4)))
}

func (c *coder) int(v *int, low, high int) {
	*v = int(int32(c.word(uint64(uint32(int32(*v))), 4)))
	c.demand(*v >= low && *v <= high)
	if c.failed {
		*v = low
	}
}

func (c *coder) bool(v *bool) {
	*v = c.word(uint64(numeric.OneIf(*v)), 1) == 1
}

// finite reads or writes a float that has to be a number.
func (c *coder) finite(v *float64) {
	c.float64(v)
	c.demand(!math.IsNaN(*v) && !math.IsInf(*v, 0))
}

// words reads or writes a list of up to most entries.
func words[T ~uint16 | ~uint32](c *coder, v *[]T, most int) {
	n := len(*v)
	c.int(&n, 0, most)
	size := 2
	if uint64(^T(0)) > math.MaxUint16 {
		size = 4
	}
	if !c.writing {
		if c.failed || len(c.b) < n*size {
			c.fail()
			return
		}
		*v = make([]T, n)
	}
	for i := range *v {
		(*v)[i] = T(c.word(uint64((*v)[i]), size))
	}
}
