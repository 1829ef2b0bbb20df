// Package predict forecasts one series: its seasons, a pool of simple models combined by their own past errors, and
// intervals from those errors.
package predict

import (
	"errors"
	"math"
	"time"
)

// Options say what to learn. They are shared and never changed after use.
type Options struct {
	Step     int64           // milliseconds between samples
	Seasons  []time.Duration // nil: found from the data; empty and not nil: none
	Location *time.Location  // that daily patterns follow; nil: UTC
	Minimum  *float64        // bounds of the values; nil: none
	Maximum  *float64        //
	Level    float64         // of the interval that Expect gives
	Horizons []time.Duration // at which Quality is measured
}

// Status says whether a model forecasts, or why not.
type Status uint8

// The statuses of a model.
const (
	OK        Status = iota
	WarmingUp        // nothing fitted yet, or too little seen
	TooShort         // the history is shorter than what the series' season needs
	Constant         // one value only; it is forecast, with no width
	Gaps             // too many samples are missing
)

// Info describes what was learnt.
type Info struct {
	Status  Status
	Model   string          // the heaviest member of the combination, or the fallback's name
	Seasons []time.Duration // owned by the model
}

// Expectation is the forecast of one moment with its interval at Options.Level; NaN where there is none.
type Expectation struct{ Mean, Lower, Upper float64 }

// Forecast is what a model expects Lead after its newest sample. Lower[i] and Upper[i] are the edges at levels[i].
type Forecast struct {
	Lead         time.Duration
	Mean         float64
	Lower, Upper []float64
}

// Quality is measured on forecasts made before the samples were seen; NaN until there are some.
type Quality struct {
	Coverage float64 // share of samples inside the interval at Options.Level
	Skill    float64 // 1 - error / error of seasonal naive
}

// Model learns one series. It is not safe for concurrent use.
type Model struct {
	options *Options
	end     int64
	last    []float64
}

// New returns a model that has seen nothing.
func New(o *Options) *Model { return &Model{options: o} }

// Expect gives the expectation of time t, from samples before t.
func (m *Model) Expect(int64) Expectation {
	return Expectation{Mean: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
}

// Observe learns the sample v of time t; NaN and skipped moments are missing, moments not after the newest are ignored.
// score is the anomaly score of the sample: above 1, it is learnt with less weight.
func (m *Model) Observe(t int64, v, score float64) {
	m.end = t
	m.last = append(m.last, v)
}

// Lag gives the sample k steps before the newest (0), NaN where it is missing or no longer remembered. At least seven
// days are remembered at steps of 5 minutes and more, at least 2,016 samples below.
func (m *Model) Lag(k int) float64 {
	if k < 0 || k >= len(m.last) {
		return math.NaN()
	}
	return m.last[len(m.last)-1-k]
}

// End is the time of the newest moment observed, 0 where there is none.
func (m *Model) End() int64 { return m.end }

// Due tells whether a refit is wanted.
func (m *Model) Due() bool { return false }

// Refit learns anew from what is remembered.
func (m *Model) Refit() {}

// Forecast fills dst, one for each lead (ascending multiples of the step, above 0), with intervals at the levels
// (ascending), and returns it; dst and its slices are reused where they are large enough. All values are finite and
// the intervals nested. Before the first fit nothing is returned.
func (m *Model) Forecast(dst []Forecast, leads []time.Duration, levels []float64) []Forecast {
	return dst[:0]
}

// Quality tells how well forecasts at Options.Horizons[i] have done.
func (m *Model) Quality(i int) Quality { return Quality{Coverage: math.NaN(), Skill: math.NaN()} }

// Info tells what was learnt.
func (m *Model) Info() Info { return Info{Status: WarmingUp, Model: "none"} }

// AppendBinary appends the state of the model, for UnmarshalBinary on a model made with the same options.
func (m *Model) AppendBinary(b []byte) ([]byte, error) { return b, nil }

// UnmarshalBinary restores what AppendBinary wrote; on an error the model is as new.
func (m *Model) UnmarshalBinary(b []byte) error {
	if len(b) > 0 {
		return errors.New("predict: foreign state")
	}
	return nil
}
