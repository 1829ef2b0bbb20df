package incident

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

const (
	day         = int64(24 * time.Hour / time.Millisecond)
	mostDays    = 7    // past days that tell what a series does at this time anyway
	fewestDays  = 2    // without which only the level before tells it
	leastTrials = 8    // past moments without which an effect has no interval
	mostTrials  = 200  // past moments at which the same is measured
	confidence  = .95  // of the interval
	reported    = .99  // of the past effects are smaller than one that may be reported, ...
	beyond      = 1.25 // ... by this factor, as the past has few of them
)

// Effect is what a moment did to a series: the mean of its values after it less what was expected of them.
type Effect struct {
	Mean         float64 // in the series' unit
	Lower, Upper float64 // 95 % interval, by what the same measure gave at moments of the past
	Score        float64 // 1 and above: may be reported
	Before       float64 // level before
	Expected     float64 // mean of what was expected after
	Known        bool    // the past is long enough for the interval and the score
}

// Measure returns the effect of the moment before index at on values[at:end], expected from values[:at] only: the level
// before, and what the series does at this time of other days anyway. step is in milliseconds.
func Measure(values []float64, step int64, at, end int) Effect {
	m := measure{values: values, perDay: int(day / step), length: end - at}
	days := min(mostDays, m.days(at))
	mean, expected, level, ok := m.at(at, days)
	if !ok {
		return Effect{}
	}
	e := Effect{Mean: mean - expected, Before: level, Expected: expected, Known: true}
	past := m.past(at, days)
	if len(past) < leastTrials {
		wide := 2 * math.Abs(e.Mean)
		e.Lower, e.Upper, e.Known = e.Mean-wide, e.Mean+wide, false
		return e
	}
	slices.Sort(past)
	// With few trials the outermost ones stand for less than their rank says: as in conformal prediction.
	tail := (1 - confidence) / 2 * float64(len(past)+1) / float64(len(past))
	low, high := stat.Quantile(tail, stat.LinInterp, past, nil), stat.Quantile(1-tail, stat.LinInterp, past, nil)
	e.Lower, e.Upper = min(e.Mean-high, e.Mean), max(e.Mean-low, e.Mean)
	for i := range past {
		past[i] = math.Abs(past[i])
	}
	slices.Sort(past)
	size := granule * math.Abs(level)
	usual := max(beyond*stat.Quantile(reported, stat.LinInterp, past, nil), size/2, 1e-12)
	e.Score = math.Abs(e.Mean) / usual
	return e
}

type measure struct {
	values         []float64
	perDay, length int
}

// days returns how many whole days of the past reach back from index at.
func (m *measure) days(at int) int {
	if m.perDay == 0 {
		return 0
	}
	if n := (at - local) / m.perDay; n >= fewestDays {
		return n
	}
	return 0
}

// at returns the mean of the values from index at on, what was expected of them by some days before, and the level.
func (m *measure) at(at, days int) (mean, expected, level float64, ok bool) {
	level, ok = m.level(at)
	if !ok {
		return 0, 0, 0, false
	}
	sum, want, n := 0., 0., 0
	var shifts [mostDays]float64
	for i := at; i < at+m.length && i < len(m.values); i++ {
		if math.IsNaN(m.values[i]) {
			continue
		}
		k := 0
		for d := 1; d <= days; d++ {
			before, known := m.level(at - d*m.perDay)
			if v := m.values[max(0, i-d*m.perDay)]; known && !math.IsNaN(v) {
				shifts[k] = v - before
				k++
			}
		}
		sum += m.values[i]
		want += level
		if k > 0 {
			slices.Sort(shifts[:k])
			want += (shifts[(k-1)/2] + shifts[k/2]) / 2
		}
		n++
	}
	if n == 0 {
		return 0, 0, 0, false
	}
	return sum / float64(n), want / float64(n), level, true
}

// level returns the median of the moments before index at.
func (m *measure) level(at int) (float64, bool) {
	var buf [local]float64
	if at < leastLocal {
		return 0, false
	}
	before := present(buf[:0], m.values[max(0, at-local):min(at, len(m.values))])
	if len(before) < leastLocal {
		return 0, false
	}
	slices.Sort(before)
	return stat.Quantile(.5, stat.LinInterp, before, nil), true
}

// past returns the same measure at moments of the past, evenly spread, none of which sees beyond index at.
func (m *measure) past(at, days int) []float64 {
	first, last := local, at-m.length
	if days > 0 {
		first = max(first, fewestDays*m.perDay+local)
	}
	if last <= first {
		return nil
	}
	stride := max(1, (last-first)/mostTrials)
	var out []float64
	for i := first; i <= last; i += stride {
		if mean, expected, _, ok := m.at(i, min(days, m.days(i))); ok {
			out = append(out, mean-expected)
		}
	}
	return out
}
