// Package expected keeps what was once expected of a series, with the interval, small enough to keep it for a million
// series: about 5.5 bytes a point, 3.7 KiB for four weeks.
//
// Steps below an hour are kept as one point an hour and interpolated between. A day's worth of points shares the
// range from its lowest lower to its highest upper edge, called its span. Within it the expectation is kept to 1/65534
// of the span and the distance of each edge from it as an eighth of a logarithm; see [Memory] for what that costs.
package expected

import (
	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

const (
	hour        = int64(3_600_000) // milliseconds
	blockPoints = 24
)

// Memory is a ring of past expectations of one series. It is not safe for concurrent use with Append.
//
// A value read back at a kept moment has a mean within span/131068 of the one appended, and edges within
// 2.2 % of their distance from the mean plus span/65534. It is exact for moments of the newest (at most 24) points, edges
// never leave the span, so that a bound that they kept to stays kept, and Lower <= Mean <= Upper.
type Memory struct {
	step, spacing int64
	phase         int64   // of the series' grid: its moments are phase + k*step
	blocks        []block // ring of finished blocks, by their number
	number        int64   // of the block being filled
	pending       [blockPoints]interval.Interval
	newest        int64             // time of the newest value appended
	latest        interval.Interval // at that time; unknown where it was not finite
	some          bool              // anything was appended
}

// New returns an empty memory for a series with that step that reaches back at least that far, both in milliseconds
// and above 0. It takes all the space that it will ever need.
func New(step, history int64) *Memory {
	m := &Memory{step: step, spacing: step}
	if step < hour {
		m.spacing = (hour + step - 1) / step * step
	}
	span := blockPoints * m.spacing
	m.blocks = make([]block, (history+span-1)/span)
	m.Reset()
	return m
}

// Reset forgets everything.
func (m *Memory) Reset() {
	m.phase, m.number, m.newest, m.latest, m.some = 0, 0, 0, interval.Unknown(), false
	for i := range m.blocks {
		m.blocks[i].clear()
	}
	m.forgetPending()
}

func (m *Memory) forgetPending() {
	for i := range m.pending {
		m.pending[i] = interval.Unknown()
	}
}

// Append keeps what was expected of time t, in constant time and without allocating. Times ascend; one that is not
// after the newest is ignored. A value that is not finite stands for an unknown one; a mean outside its interval widens
// it.
func (m *Memory) Append(t int64, v interval.Interval) {
	if m.some && t <= m.newest {
		return
	}
	v = v.Tidy()
	if !m.some {
		m.phase = numeric.Modulo(t, m.step)
		m.number = numeric.FloorDiv(m.slot(t), blockPoints)
		m.some = true
	}
	m.newest, m.latest = t, v
	slot := m.slot(t)
	if n := numeric.FloorDiv(slot, blockPoints); n != m.number {
		m.turnTo(n)
	}
	if m.time(slot) == t {
		m.pending[slot-m.number*blockPoints] = v
	}
}

// turnTo finishes the pending block and begins that of number n, above the present one.
func (m *Memory) turnTo(n int64) {
	m.ring(m.number).encode(&m.pending)
	m.forgetPending()
	for k := m.number + 1; k < n && k-m.number <= int64(len(m.blocks)); k++ {
		m.ring(k).clear()
	}
	m.number = n
}

func (m *Memory) ring(n int64) *block {
	l := int64(len(m.blocks))
	return &m.blocks[numeric.Modulo(n, l)]
}

func (m *Memory) slot(t int64) int64    { return numeric.FloorDiv(t-m.phase, m.spacing) }
func (m *Memory) time(slot int64) int64 { return m.phase + slot*m.spacing }

// Newest is the time of the last Append; false where there was none.
func (m *Memory) Newest() (t int64, ok bool) { return m.newest, m.some }

// At gives what was expected of time t: as kept, or interpolated between the two moments around it. It is false where
// either is not known, so before the first, after the newest and within gaps.
func (m *Memory) At(t int64) (interval.Interval, bool) {
	if !m.some || t > m.newest {
		return interval.Unknown(), false
	}
	if t == m.newest {
		return m.latest, m.latest.Known()
	}
	slot := m.slot(t)
	a := m.kept(slot)
	from, to := m.time(slot), m.time(slot+1)
	if t == from || !a.Known() {
		return a, a.Known()
	}
	b := m.latest
	if to <= m.newest {
		b = m.kept(slot + 1)
	} else {
		to = m.newest
	}
	return a.Towards(b, float64(t-from)/float64(to-from)), b.Known()
}

// Each calls yield with what was expected of each multiple of step in [from, to], in the order of time; moments of
// which [Memory.At] knows nothing are left out. It decodes each kept point once.
func (m *Memory) Each(from, to, step int64, yield func(t int64, v interval.Interval)) {
	if !m.some || step <= 0 {
		return
	}
	oldest := m.time((m.number - int64(len(m.blocks))) * blockPoints)
	from, to = max(from, oldest), min(to, m.newest)
	var (
		a, b   interval.Interval
		t0, t1 int64 // of a and b; t0 == t1: none yet
	)
	for t := -numeric.FloorDiv(-from, step) * step; t <= to; t += step {
		if t == m.newest {
			if m.latest.Known() {
				yield(t, m.latest)
			}
			return
		}
		if t0 == t1 || t >= t1 {
			slot := m.slot(t)
			if t0 != t1 && m.time(slot) == t1 {
				a = b
			} else {
				a = m.kept(slot)
			}
			t0, t1 = m.time(slot), m.time(slot+1)
			if t1 <= m.newest {
				b = m.kept(slot + 1)
			} else {
				b, t1 = m.latest, m.newest
			}
		}
		switch {
		case !a.Known():
		case t == t0:
			yield(t, a)
		case b.Known():
			yield(t, a.Towards(b, float64(t-t0)/float64(t1-t0)))
		}
	}
}

// kept gives the point of a slot, interval.Unknown() where there is none.
func (m *Memory) kept(slot int64) interval.Interval {
	n := numeric.FloorDiv(slot, blockPoints)
	i := int(slot - n*blockPoints)
	switch {
	case n == m.number:
		return m.pending[i]
	case n < m.number && m.number-n <= int64(len(m.blocks)):
		return m.ring(n).decode(i)
	}
	return interval.Unknown()
}
