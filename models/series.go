// Package models learns what is normal for one series and says what to expect of it: forecasts with calibrated
// intervals, anomaly scores and the time to a limit. It is pure maths: no Prometheus, no HTTP, no YAML and no clock.
//
// A [Forecaster] is made with [New] or [Fit], is told one sample at a time with [Forecaster.Observe], and can be asked
// at any moment. The live engine, the offline commands and the backtest drive it in the same way, so that what is
// replayed is what runs. Timestamps are Unix milliseconds, as in Prometheus; a NaN is a missing sample.
//
// Read types.go (what is said), forecaster.go (a sample's way: expected, scored, learnt), curve.go (any time, past and
// future), state.go (when there is nothing to say). What it is made of stands in packages of its own: forecast,
// longterm, anomaly, exhaustion, expected.
package models

// Series is a regularly spaced stretch of samples: Values[i] was taken at Start + i*Step (Unix milliseconds).
// NaN marks a missing sample. Functions that take a Series only read it.
type Series struct {
	Start  int64
	Step   int64
	Values []float64
}

// End is the time of the last sample, or Start - Step where there is none.
func (s Series) End() int64 { return s.Start + int64(len(s.Values)-1)*s.Step }
