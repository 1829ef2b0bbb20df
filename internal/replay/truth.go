package replay

import (
	"math"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// Truth is what an alert predicts.
type Truth string

// The truths. An alert on what is, or on an anomaly, of which nobody wrote down the truth, predicts nothing.
const (
	TruthNone  Truth = ""
	TruthLimit Truth = "limit" // the task's limit is reached or its error budget used up
	TruthAbove Truth = "above" // the task's upper threshold is crossed
	TruthBelow Truth = "below" // the task's lower threshold is crossed
)

// span is a stretch of moments, the last included.
type span struct{ first, last int }

// mergeWithin is for how long what came true has to be over to come true anew, unless the alert looks less far ahead.
const mergeWithin = 6 * time.Hour

// holds gives the moments at which a truth holds for a series; where a sample is missing, what held before goes on.
func (h *History) holds(s *Series, truth Truth) []bool {
	out := make([]bool, h.Len)
	t := h.Task
	values, beyond := s.Values, func(int, float64) bool { return false }
	switch {
	case truth == TruthLimit && t.Exhaustion != nil && t.Exhaustion.Budget != nil:
		b := exhaustion.NewBudget(t.ModelOptions().Budget)
		beyond = func(i int, v float64) bool {
			b.Observe(h.at(i), v)
			return b.Spent() >= 1
		}
	case truth == TruthLimit && t.Exhaustion != nil && s.Limits != nil:
		falling := t.Exhaustion.Direction == "falling"
		values = trailingMedian(s.Values, int(time.Duration(t.Exhaustion.Sustained).Milliseconds()/h.Step))
		beyond = func(i int, v float64) bool { return !falling && v >= s.Limits[i] || falling && v <= s.Limits[i] }
	case truth == TruthAbove && t.Threshold != nil && t.Threshold.Above != nil:
		beyond = func(_ int, v float64) bool { return v > *t.Threshold.Above }
	case truth == TruthBelow && t.Threshold != nil && t.Threshold.Below != nil:
		beyond = func(_ int, v float64) bool { return v < *t.Threshold.Below }
	}
	for i, v := range values {
		if math.IsNaN(v) {
			out[i] = i > 0 && out[i-1]
		} else {
			out[i] = beyond(i, v)
		}
	}
	return out
}

// events gives the stretches at which a truth came to hold in [from, end), with breaks shorter than merge left out.
func events(holds []bool, from, merge int) []span {
	var out []span
	for i, yes := range holds {
		switch {
		case !yes:
		case len(out) > 0 && i-out[len(out)-1].last <= merge:
			out[len(out)-1].last = i
		default:
			out = append(out, span{i, i})
		}
	}
	return slices.DeleteFunc(out, func(s span) bool { return s.first <= from })
}

// trailingMedian is the median of the last n steps' samples, the present one included; of 0, the values themselves.
func trailingMedian(values []float64, n int) []float64 {
	if n < 1 {
		return values
	}
	out := missing(len(values))
	window := make([]float64, 0, n+1) // sorted
	for i, v := range values {
		if old := i - n - 1; old >= 0 && !math.IsNaN(values[old]) {
			at, _ := slices.BinarySearch(window, values[old])
			window = slices.Delete(window, at, at+1)
		}
		if !math.IsNaN(v) {
			at, _ := slices.BinarySearch(window, v)
			window = slices.Insert(window, at, v)
		}
		if m := len(window); m > 0 {
			out[i] = (window[(m-1)/2] + window[m/2]) / 2
		}
	}
	return out
}
