// Package exhaustion tells when a limit will be reached, as a distribution.
package exhaustion

import (
	"errors"
	"math"
	"time"
)

// Reach is how far ahead a limit is looked for.
const Reach = 14 * 24 * time.Hour

// Options say what counts as reached and what is asked for. They are shared and never changed after use.
type Options struct {
	Falling   bool            // reached at or below the limit
	Sustained time.Duration   // reached when the median over this time is; 0: by one sample
	Within    []time.Duration // for which probabilities are given, each at most Reach
}

// Probabilities are those of the quantiles in Assessment.Seconds.
var Probabilities = [3]float64{0.1, 0.5, 0.9}

// Assessment is the law of the time to the limit.
type Assessment struct {
	Known       bool       // false: too little was seen or there is no limit; nothing else is set
	Reached     bool       // now: Seconds are 0 and Probability 1
	Seconds     [3]float64 // quantiles given that it is reached within Reach; +Inf where that is less likely than 1 in 20
	Probability []float64  // unconditional, for each of Options.Within
}

// Model learns how one series grows. It is not safe for concurrent use.
type Model struct{ options *Options }

// New returns a model that has seen nothing. step is in milliseconds.
func New(step int64, o *Options) *Model { return &Model{options: o} }

// Observe learns the sample v of time t (Unix milliseconds), in constant time and without allocating; limit is the one
// in force at t, NaN for none. NaN and skipped moments are missing, samples not after the newest are ignored.
func (m *Model) Observe(t int64, v, limit float64) {}

// Assess fills dst, reusing its slice, for the limit, as of the newest sample. A limit that is NaN or infinite is none.
func (m *Model) Assess(dst *Assessment, limit float64) {
	dst.Known = false
	dst.Seconds = [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}
	dst.Probability = append(dst.Probability[:0], make([]float64, len(m.options.Within))...)
}

// Coverage is the share of limits, taken from the series' own past, that were reached between the quantiles 0.1 and
// 0.9 of what had been said; NaN until there are some.
func (m *Model) Coverage() float64 { return math.NaN() }

// AppendBinary appends the state of the model, for UnmarshalBinary on one made with the same options.
func (m *Model) AppendBinary(b []byte) ([]byte, error) { return b, nil }

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	if len(b) > 0 {
		return errors.New("exhaustion: foreign state")
	}
	return nil
}
