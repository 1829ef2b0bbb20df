package exhaustion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	stateVersion = 3
	bucketBytes  = 6             // of the highest and the median
	stateHead    = 1 + 8*7 + 4*3 // version; width, last, head, base, unit, sample, seen; window, count, kept
)

var errForeign = errors.New("exhaustion: foreign state")

// AppendBinary appends the state of the model, for UnmarshalBinary on one made with the same options. The law is not
// part of it: it follows from what is.
func (m *Model) AppendBinary(b []byte) ([]byte, error) {
	r := &m.ring
	b = append(b, stateVersion)
	for _, v := range [...]uint64{uint64(r.width), uint64(r.last), uint64(r.head), math.Float64bits(r.base), math.Float64bits(r.unit), uint64(math.Float32bits(r.sample)), uint64(r.seen)} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	for _, v := range [...]int{r.window, r.count, r.kept} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	for _, v := range r.sorted[:r.kept] {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	for k := range r.count {
		i := index(r.head - int64(k))
		b = appendCoarse(appendCoarse(b, r.highest[i]), r.median[i])
	}
	return binary.Append(b, binary.LittleEndian, &m.track)
}

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	fresh, began := m.ring.fresh(), newTrack(m.track.Fine, 0)
	m.ring, m.track, m.law, m.present = fresh, began, law{end: never}, present{}
	if len(b) < stateHead || b[0] != stateVersion {
		return fmt.Errorf("%w: %d bytes", errForeign, len(b))
	}
	var word [7]uint64
	for i := range word {
		word[i] = binary.LittleEndian.Uint64(b[1+8*i:])
	}
	var half [3]int
	for i := range half {
		half[i] = int(binary.LittleEndian.Uint32(b[1+8*len(word)+4*i:]))
	}
	r := fresh
	r.last, r.head = int64(word[1]), int64(word[2])
	r.base, r.unit = math.Float64frombits(word[3]), math.Float64frombits(word[4])
	r.sample, r.seen = math.Float32frombits(uint32(word[5])), int64(word[6])
	r.count, r.kept = half[1], half[2]
	switch {
	case int64(word[0]) != r.width || half[0] != r.window:
		return fmt.Errorf("%w: made for buckets of %d ms and a window of %d", errForeign, int64(word[0]), half[0])
	case r.count > size || r.kept > perMedian || len(b) != stateHead+4*r.kept+bucketBytes*r.count+binary.Size(&began):
		return fmt.Errorf("%w: %d bytes for %d buckets", errForeign, len(b), r.count)
	case !(r.unit >= 0) || math.IsInf(r.unit, 0) || !(math.Abs(r.base) <= math.MaxFloat64) || word[5] > math.MaxUint32 || !(math.Abs(float64(r.sample)) <= unitSpan) || r.seen < 0:
		return fmt.Errorf("%w: not finite", errForeign)
	case r.count > 0 && r.head != floorDiv(r.last, r.width):
		return fmt.Errorf("%w: its newest bucket is not that of its newest sample", errForeign)
	}
	b = b[stateHead:]
	for i := range r.kept {
		r.sorted[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if !(math.Abs(float64(r.sorted[i])) <= unitSpan) || i > 0 && r.sorted[i] < r.sorted[i-1] {
			return fmt.Errorf("%w: samples out of order", errForeign)
		}
	}
	b = b[4*r.kept:]
	for k := range r.count {
		i := index(r.head - int64(k))
		r.highest[i], r.median[i] = coarseFrom(b[bucketBytes*k:]), coarseFrom(b[bucketBytes*k+bucketBytes/2:])
		if math.Abs(float64(r.highest[i])) > unitSpan || math.Abs(float64(r.median[i])) > unitSpan {
			return fmt.Errorf("%w: a bucket out of range", errForeign)
		}
	}
	var k track
	if _, err := binary.Decode(b[bucketBytes*r.count:], binary.LittleEndian, &k); err != nil {
		return fmt.Errorf("%w: %w", errForeign, err)
	}
	if k.Fine != began.Fine || k.Count < 0 || k.Count > fineBuckets || k.Tops < 0 || k.Stepped < 0 || k.Seen < 0 || k.First > r.last {
		return fmt.Errorf("%w: not a track of its ring", errForeign)
	}
	m.ring, m.track = r, k
	return nil
}

// fresh is a ring of the same shape that has seen nothing.
func (r *ring) fresh() ring {
	return ring{width: r.width, every: r.every, single: r.single, window: r.window, last: math.MinInt64}
}

func appendCoarse(b []byte, v float32) []byte {
	u := math.Float32bits(v)
	return append(b, byte(u>>8), byte(u>>16), byte(u>>24))
}

func coarseFrom(b []byte) float32 {
	return math.Float32frombits(uint32(b[0])<<8 | uint32(b[1])<<16 | uint32(b[2])<<24)
}
