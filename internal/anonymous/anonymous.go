// Package anonymous takes from series what tells whose they are and leaves their shape, so that people can show a series
// that was judged wrongly without showing what it measures.
//
// anonymous.go is all of it; the command line is cmd/foresight/anonymize.go.
package anonymous

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/internal/source"
)

const week = 7 * 24 * int64(time.Hour/time.Millisecond)

// monday is where anonymous series begin: 2001-01-01 00:00:00 UTC, the first day of a week, in Unix milliseconds.
const monday = 978_307_200_000

// Transform moves series in time by whole weeks, so that each sample keeps its time of day and its day of the week, and
// scales their values by one positive factor, so that zero, signs and the proportions of all values stay. Its zero value
// is of no use.
type Transform struct {
	shift   int64   // added to times, milliseconds
	largest float64 // what values are divided by
}

// Of returns the transform that is common to some series, as those that are shown together have to stay comparable: it
// moves the earliest sample into the week of 2001-01-01 UTC and makes 1 of the largest absolute value. Missing samples
// (NaN) count for the time only; without a value other than 0, values stay.
//
// What models keep is rounded to few binary digits, so that scaled series are judged alike but not to the last digit.
func Of(series ...[]source.Sample) Transform {
	first, largest := int64(math.MaxInt64), 0.0
	for _, s := range series {
		for _, p := range s {
			first = min(first, p.T)
			if v := math.Abs(p.V); v > largest { // not for NaN
				largest = v
			}
		}
	}
	t := Transform{largest: largest}
	if largest == 0 {
		t.largest = 1
	}
	if first != math.MaxInt64 {
		since := first - monday
		t.shift = since%week - since // toward the week of monday: whole weeks
		if since%week < 0 {
			t.shift += week
		}
	}
	return t
}

// Exact returns the transform with a power of two in place of its factor, which leaves the largest absolute value from 0.5
// to 1: what is judged stays to the last digit, but so do the digits of the values, for whoever guesses the power.
func (t Transform) Exact() Transform {
	fraction, exponent := math.Frexp(t.largest)
	if fraction == 0.5 {
		exponent-- // it is a power of two itself
	}
	t.largest = math.Ldexp(1, min(exponent, 1023))
	return t
}

// Time returns a moment moved as samples are, in Unix milliseconds.
func (t Transform) Time(ms int64) int64 { return ms + t.shift }

// Value returns a value scaled as samples are, such as the limit that a series runs into; NaN stays NaN.
func (t Transform) Value(v float64) float64 { return v / t.largest }

// Apply returns the samples moved and scaled, in their order; s is left as it is.
func (t Transform) Apply(s []source.Sample) []source.Sample {
	out := make([]source.Sample, len(s))
	for i, p := range s {
		out[i] = source.Sample{T: t.Time(p.T), V: t.Value(p.V)}
	}
	return out
}
