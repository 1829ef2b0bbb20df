package models

import "github.com/foresight-exporter/foresight/models/forecast"

// State says whether a series is forecast, or why not. docs/metrics.md gives each its exact test.
type State uint8

// The states of a series, in the order in which they are exported.
const (
	StateOK State = iota
	StateWarmingUp
	StateTooShort
	StateConstant
	StateGaps
	StateStale
	StateAmbiguous
	StateNoLimit
	StateOverLimit
	StateFailed
	numStates
)

// NumStates is how many states there are.
const NumStates = int(numStates)

var stateNames = [NumStates]string{
	"ok", "warming_up", "too_short", "constant", "gaps", "stale", "ambiguous", "no_limit", "over_limit", "failed",
}

// String gives the value of the label `state`.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "failed"
}

// Scored reports whether a series in the state is held against what was expected of it.
func (s State) Scored() bool {
	switch s {
	case StateFailed, StateAmbiguous, StateStale, StateWarmingUp:
		return false
	}
	return true
}

// StateOf gives the state of a series whose model has that status.
func StateOf(s Status) State {
	switch s {
	case forecast.OK:
		return StateOK
	case forecast.TooShort:
		return StateTooShort
	case forecast.Constant:
		return StateConstant
	case forecast.Gaps:
		return StateGaps
	default:
		return StateWarmingUp
	}
}
