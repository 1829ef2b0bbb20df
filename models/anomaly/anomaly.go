// Package anomaly scores samples: how much speaks against what was expected, and since when.
package anomaly

import (
	"math"
	"time"
)

// Options say what counts as anomalous. They are shared and never changed after use.
type Options struct {
	FalseEventsPerWeek       float64            // promised by score 1, a series; above 0
	Above, Below             bool               // which deviations count; none named: both
	MinimumDeviation         float64            // from the expectation, in the series' unit; smaller ones score 0
	MinimumRelativeDeviation float64            // as a share of the expectation
	Settle                   time.Duration      // after which a new level counts as normal; 0: 8 h, at least 24 steps
	Active                   func(t int64) bool // score only at these times; nil: always
}

// Expectation of one sample, made before it was seen; NaN where there is none.
type Expectation struct{ Mean, Lower, Upper float64 }

// Past gives earlier samples of the series: Lag(0) is the newest before the one being scored, NaN where missing.
type Past interface{ Lag(k int) float64 }

// Score is what speaks against one sample. The zero Score says: nothing does.
type Score struct {
	Value     float64 // 0: nothing; above 1: anomalous; always finite
	Direction int8    // -1 below, 1 above the expectation, 0 neither
	Part      Part    // which part of the score speaks
	Since     int64   // when the present event began, Unix milliseconds; 0: none
}

// Part names a part of the score.
type Part uint8

// The parts of a score.
const (
	PartNone Part = iota
	PartPoint
	PartLevel
	PartSpread
	PartShape
	PartKnown // what would have spoken is known at this time of day; the value is 0
)

// String gives the part's name in pages and the API.
func (p Part) String() string {
	return [...]string{"none", "point", "level", "spread", "shape", "known"}[min(p, PartKnown)]
}

// Scorer scores one series. It is not safe for concurrent use.
type Scorer struct {
	options *Options
	step    int64   // milliseconds, as period and bin
	period  int64   // a day; a week for steps above six hours
	bin     int64   // part of a period
	settle  float64 // rows
	lasting float64 // share of the newest row in the mean of the last hours, ...
	slow    float64 // ... and in what is usual
	learnt
}

// New returns a scorer that has seen nothing. step is in milliseconds, above 0.
func New(step int64, o *Options) *Scorer {
	s := &Scorer{options: o, step: step, period: day}
	if 4*step > day {
		s.period = 7 * day
	}
	s.bin = s.period / parts
	rows := day / float64(step) // of a day
	s.lasting = 1 / max(12, rows/4)
	s.slow = 1 / max(200, min(2*rows, 2000))
	s.settle = max(24, rows/3)
	if o.Settle > 0 {
		s.settle = max(1, float64(o.Settle.Milliseconds())/float64(step))
	}
	return s
}

// Observe scores the sample v of time t (Unix milliseconds) by earlier ones and then learns it, in constant time and
// without allocating. NaN, an infinity and skipped moments are missing; a sample not after the newest is scored but not
// learnt.
func (s *Scorer) Observe(t int64, v float64, e Expectation, past Past) Score {
	if v-v != 0 {
		return Score{}
	}
	if s.Rows == 0 {
		s.learnt = learnt{Ref: v, First: t, Last: t, Rows: 1, Fresh: 1, Season: newSeason(floor(t, s.bin))}
		s.Season.learn(0)
		return Score{}
	}
	if t <= s.Last {
		c := *s // what it would be as the next sample
		return c.score(s.Last+s.step, v, e, past, false)
	}
	return s.score(t, v, e, past, true)
}

func (s *Scorer) score(t int64, v float64, e Expectation, past Past, learn bool) Score {
	first := s.Unit == 0 // the first change of a constant sets the scale: nothing tells it from the least there is
	r := s.read(t, v, e.Mean, past)
	raw := s.judge(&r)
	alarm, near := raw.Value > 1, raw.Value > nearly
	expected := e.Mean
	if expected != expected {
		expected = s.Ref + s.Unit*r.expected
	}
	if r.known || first || !s.options.counts(t, v, raw.Direction, expected) {
		raw = verdict{}
	}
	shown := s.Event.step(raw, t, s.settle, float64(s.step)/day)
	if first || !(shown.Value > 0) || !s.options.wants(v-expected) || !s.options.counts(t, v, shown.Direction, expected) {
		shown = Score{}
	}
	if r.known && near && shown.Value <= 1 {
		shown = Score{Part: PartKnown}
	}
	if learn {
		s.learn(t, &r, alarm, near && !s.Event.older(max(job/float64(s.step), 3)), s.Event.settled(s.settle))
		if first {
			s.interrupt(math.Inf(1))
		}
	}
	return shown
}
