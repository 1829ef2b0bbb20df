package expected

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const version = 1

// AppendBinary appends the state, for UnmarshalBinary on a memory made with the same step and history.
func (m *Memory) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, version)
	b = binary.AppendVarint(b, m.step)
	b = binary.AppendUvarint(b, uint64(len(m.blocks)))
	if !m.some {
		return append(b, 0), nil
	}
	b = append(b, 1)
	b = binary.AppendVarint(b, m.phase)
	b = binary.AppendVarint(b, m.number)
	b = binary.AppendVarint(b, m.newest)
	b = appendValue(b, m.latest)
	for i := range m.pending {
		b = appendValue(b, m.pending[i])
	}
	for i := range m.blocks {
		b = m.blocks[i].append(b)
	}
	return b, nil
}

// An absent value is one byte, as most of a young block are.
func appendValue(b []byte, v Value) []byte {
	if !v.present() {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, x := range [...]float64{v.Mean, v.Lower, v.Upper} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

func (k *block) append(b []byte) []byte {
	if k.empty() {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(k.low))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(k.high))
	for _, c := range k.mean {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	b = append(b, k.below[:]...)
	return append(b, k.above[:]...)
}

func (k *block) empty() bool {
	for _, c := range k.mean {
		if c != noPoint {
			return false
		}
	}
	return true
}

// UnmarshalBinary restores what AppendBinary wrote for a memory of the same step and history. On an error the memory
// is as new.
func (m *Memory) UnmarshalBinary(b []byte) error {
	m.Reset()
	d := decoder{rest: b}
	if d.byte() != version {
		return errors.New("past expectations: unknown version")
	}
	if d.varint() != m.step || d.uvarint() != uint64(len(m.blocks)) {
		return errors.New("past expectations: saved for another step or history")
	}
	if d.flag() {
		m.some = true
		m.phase, m.number, m.newest = d.varint(), d.varint(), d.varint()
		m.latest = d.value()
		for i := range m.pending {
			m.pending[i] = d.value()
		}
		for i := range m.blocks {
			d.block(&m.blocks[i])
		}
		d.check(m.consistent())
	}
	d.check(len(d.rest) == 0)
	if d.bad {
		m.Reset()
		return errors.New("past expectations: damaged state")
	}
	return nil
}

// consistent tells whether the newest time fits the grid and the block being filled. Times are held to what keeps the
// arithmetic of slots from overflowing.
func (m *Memory) consistent() bool {
	const limit = math.MaxInt64 / 4
	return m.newest > -limit && m.newest < limit && m.phase >= 0 && m.phase < m.step &&
		numeric.FloorDiv(m.slot(m.newest), blockPoints) == m.number
}

// decoder reads what was appended; after the first fault it gives zeros and is bad.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) check(ok bool) { d.bad = d.bad || !ok }

func (d *decoder) take(n int) []byte {
	if d.bad || len(d.rest) < n {
		d.bad = true
		return make([]byte, n)
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) flag() bool {
	b := d.byte()
	d.check(b <= 1)
	return b == 1
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.check(n > 0)
	d.take(max(n, 0))
	return v
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.check(n > 0)
	d.take(max(n, 0))
	return v
}

func (d *decoder) float() float64 {
	x := math.Float64frombits(binary.LittleEndian.Uint64(d.take(8)))
	d.check(!math.IsNaN(x) && !math.IsInf(x, 0))
	return x
}

func (d *decoder) value() Value {
	if !d.flag() {
		return absent
	}
	v := Value{d.float(), d.float(), d.float()}
	d.check(v.Lower <= v.Mean && v.Mean <= v.Upper)
	return v
}

func (d *decoder) block(k *block) {
	if !d.flag() {
		return
	}
	k.low, k.high = d.float(), d.float()
	d.check(k.low <= k.high)
	for i := range k.mean {
		k.mean[i] = binary.LittleEndian.Uint16(d.take(2))
	}
	copy(k.below[:], d.take(blockPoints))
	copy(k.above[:], d.take(blockPoints))
}
