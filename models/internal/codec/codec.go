// Package codec writes and reads the state of models. One function of a model names its fields in order, for both
// directions, so that what is written is what is read; what a field must hold is said beside it, with Demand.
//
// A state is of one version and has no checksum: the file that holds it has one.
package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// Coder writes a state or reads one. After the first fault in what it reads, fields are zero or their least.
type Coder struct {
	b       []byte
	writing bool
	err     error
}

var (
	errShort = errors.New("the state ends early")
	errLong  = errors.New("the state is longer than it should be")
	errField = errors.New("the state holds what can't be, or is of other options")
)

// Append appends a state to b: a version, then what code writes.
func Append(b []byte, version uint8, code func(*Coder)) ([]byte, error) {
	c := Coder{b: append(b, version), writing: true}
	code(&c)
	return c.b, c.err
}

// Read reads a state that Append has written with the same version; all of b is to be one. The error of a state that is
// of another version, cut, longer or not as code demands says so.
func Read(b []byte, version uint8, code func(*Coder)) error {
	c := Coder{b: b}
	if v := uint8(c.word(0, 1)); c.err == nil && v != version {
		return fmt.Errorf("the state is of version %d, want %d", v, version)
	}
	if c.err == nil {
		code(&c)
	}
	if c.err == nil && len(c.b) > 0 {
		c.err = errLong
	}
	return c.err
}

// Reading reports whether a state is read.
func (c *Coder) Reading() bool { return !c.writing }

// Failed reports whether there was a fault: what follows may be left out.
func (c *Coder) Failed() bool { return c.err != nil }

func (c *Coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Demand fails the reading of a state that breaks what the model relies on.
func (c *Coder) Demand(ok bool) {
	if !ok && !c.writing {
		c.fail(errField)
	}
}

func (c *Coder) word(v uint64, size int) uint64 {
	var w [8]byte
	if c.writing {
		binary.LittleEndian.PutUint64(w[:], v)
		c.b = append(c.b, w[:size]...)
		return v
	}
	copy(w[:], c.take(size))
	return binary.LittleEndian.Uint64(w[:])
}

// take returns the next n bytes, nil where they are not there.
func (c *Coder) take(n int) []byte {
	if c.err != nil || len(c.b) < n {
		c.fail(errShort)
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

// Same writes v, and fails the reading of a state that was written with another.
func (c *Coder) Same(v int64) { c.Demand(int64(c.word(uint64(v), 8)) == v) }

// Int64 is a field.
func (c *Coder) Int64(v *int64) { *v = int64(c.word(uint64(*v), 8)) }

// Uint64 is a field.
func (c *Coder) Uint64(v *uint64) { *v = c.word(*v, 8) }

// Uint8 is a field.
func (c *Coder) Uint8(v *uint8) { *v = uint8(c.word(uint64(*v), 1)) }

// Bool is a field.
func (c *Coder) Bool(v *bool) {
	n := c.word(uint64(numeric.OneIf(*v)), 1)
	c.Demand(n <= 1)
	*v = n == 1
}

// Float64 is a field of any value.
func (c *Coder) Float64(v *float64) { *v = math.Float64frombits(c.word(math.Float64bits(*v), 8)) }

// Float32 is a field of any value.
func (c *Coder) Float32(v *float32) {
	*v = math.Float32frombits(uint32(c.word(uint64(math.Float32bits(*v)), 4)))
}

// Finite is a field that has to be a number.
func (c *Coder) Finite(v *float64) {
	c.Float64(v)
	c.Demand(*v-*v == 0)
}

// Int is a field from low to high, both within 32 bits.
func (c *Coder) Int(v *int, low, high int) {
	*v = int(int32(c.word(uint64(uint32(int32(*v))), 4)))
	if c.Demand(*v >= low && *v <= high); c.err != nil {
		*v = low
	}
}

// Fixed is a field of fixed size, as encoding/binary takes them: pass a pointer, or a slice of the right length.
func (c *Coder) Fixed(v any) {
	if c.writing {
		b, err := binary.Append(c.b, binary.LittleEndian, v)
		if err != nil {
			c.fail(err)
			return
		}
		c.b = b
		return
	}
	if b := c.take(binary.Size(v)); c.err == nil {
		if _, err := binary.Decode(b, binary.LittleEndian, v); err != nil {
			c.fail(err)
		}
	}
}

// Words is a list of up to most entries.
func Words[T ~uint16 | ~uint32](c *Coder, v *[]T, most int) {
	n := len(*v)
	c.Int(&n, 0, most)
	if !c.writing {
		if c.err != nil || len(c.b) < n*binary.Size(T(0)) {
			c.fail(errShort)
			return
		}
		*v = make([]T, n)
	}
	c.Fixed(*v)
}

// Part is a model within another.
type Part interface {
	AppendBinary(b []byte) ([]byte, error)
	UnmarshalBinary(b []byte) error
}

// Part is the state of a model within this one, with its length before it; an error names it.
func (c *Coder) Part(name string, p Part) {
	if !c.writing {
		n := c.word(0, 4)
		if n > uint64(len(c.b)) {
			c.fail(fmt.Errorf("%s: %w", name, errShort))
			return
		}
		if b := c.take(int(n)); c.err == nil {
			if err := p.UnmarshalBinary(b); err != nil {
				c.fail(fmt.Errorf("%s: %w", name, err))
			}
		}
		return
	}
	at := len(c.b)
	b, err := p.AppendBinary(append(c.b, 0, 0, 0, 0))
	if err != nil {
		c.fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	c.b = b
}
