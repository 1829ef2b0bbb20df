// Package anomaly scores samples: how much speaks against what was expected, and since when.
package anomaly

import (
	"errors"
	"time"
)

// Options say what counts as anomalous. They are shared and never changed after use.
type Options struct {
	FalseEventsPerWeek       float64            // promised by score 1, a series; above 0
	Above, Below             bool               // which deviations count
	MinimumDeviation         float64            // from the expectation, in the series' unit; smaller ones score 0
	MinimumRelativeDeviation float64            // as a share of the expectation
	Settle                   time.Duration      // after which a new level counts as normal
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
)

// String gives the part's name in pages and the API.
func (p Part) String() string {
	return [...]string{"none", "point", "level", "spread", "shape"}[min(p, PartShape)]
}

// Scorer scores one series. It is not safe for concurrent use.
type Scorer struct {
	options     *Options
	step        int64
	period, bin int64
	half, slow  float64
	learnt
}

// New returns a scorer that has seen nothing. step is in milliseconds.
func New(step int64, o *Options) *Scorer {
	s := &Scorer{options: o, step: step, period: day}
	if 4*step > day {
		s.period = 7 * day
	}
	s.bin = max(s.period/parts, 1)
	s.half = 1 / max(12, .25*day/float64(step))
	s.slow = 1 / max(200, min(2*day/float64(step), 2000))
	return s
}

// Observe scores the sample v of time t (Unix milliseconds) by earlier ones and then learns it, in constant time and
// without allocating. NaN and skipped moments are missing; a sample not after the newest is scored but not learnt.
func (s *Scorer) Observe(t int64, v float64, e Expectation, past Past) Score {
	if v-v != 0 {
		return Score{}
	}
	if s.Seen > 0 && t <= s.Last {
		c := *s
		return c.row(s.Last+s.step, v, past, false)
	}
	return s.row(t, v, past, true)
}

// AppendBinary appends the state of the scorer, for UnmarshalBinary on one made with the same options.
func (s *Scorer) AppendBinary(b []byte) ([]byte, error) { return b, nil }

// UnmarshalBinary restores what AppendBinary wrote; on an error the scorer is as new.
func (s *Scorer) UnmarshalBinary(b []byte) error {
	if len(b) > 0 {
		return errors.New("anomaly: foreign state")
	}
	return nil
}
