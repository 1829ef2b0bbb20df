package forecast

import (
	"math"
	"time"
)

// clock returns the local time that daily patterns follow.
type clock struct{ location *time.Location }

// offset returns the distance of local time from UTC at t, in milliseconds.
func (c clock) offset(t int64) int64 {
	if c.location == nil {
		return 0
	}
	_, s := time.UnixMilli(t).In(c.location).Zone()
	return int64(s) * 1000
}

// localise moves values of the moments end-(n-1)*step ... end to where they stand in local time as it is at the end:
// an hour skipped becomes a gap, of an hour told twice the second stays.
func (c clock) localise(x []float64, end, step int64) {
	if c.location == nil {
		return
	}
	offset := func(i int) int64 { return c.offset(end - int64(len(x)-1-i)*step) }
	var changes [4]struct{ at, by int } // newest first
	n := 0
	stride := int(max(1, day/step))
	for hi, now := len(x)-1, offset(len(x)-1); hi > 0 && n < len(changes); {
		lo := max(0, hi-stride)
		before := offset(lo)
		hi, lo = lo, hi
		if before == now {
			continue
		}
		for a := hi; lo-a > 1; {
			if mid := (a + lo) / 2; offset(mid) == now {
				lo = mid
			} else {
				a = mid
			}
		}
		changes[n].at, changes[n].by = lo, int((before-now)/step)
		n++
		now = before
	}
	for ; n > 0; n-- {
		b, s := changes[n-1].at, changes[n-1].by
		s = max(-b, min(s, b))
		gap := x[:max(s, 0)]
		if s < 0 {
			copy(x[:b+s], x[-s:b])
			gap = x[b+s : b]
		} else {
			copy(x[s:b], x[:b-s])
		}
		for i := range gap {
			gap[i] = math.NaN()
		}
	}
}

// ahead returns a lead in medium steps of local time, at least one: across a change of the clock it is an hour more or
// less. The members look no further than to where months tell all.
func (m *Model) ahead(lead time.Duration) float64 {
	ms := m.nearLead(lead.Milliseconds())
	if c := (clock{m.options.Location}); c.location != nil {
		ms += c.offset(m.end+ms) - c.offset(m.end)
	}
	return max(1, float64(ms)/float64(m.grids.mediumStep()))
}
