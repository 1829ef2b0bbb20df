// Package numeric has the small arithmetic that several of the models need and that neither the standard library nor
// gonum has.
package numeric

import (
	"math"
	"slices"
)

// MADToDeviation times the median absolute deviation from the median is the standard deviation of a normal law.
const MADToDeviation = 1.4826

// FloorDiv returns a / b rounded down; b is above 0.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Modulo returns what FloorDiv leaves of a: 0 to b-1.
func Modulo(a, b int64) int64 { return a - FloorDiv(a, b)*b }

// OneIf returns 1 where b is true, else 0.
func OneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Median returns the median of v, which it sorts: the mean of the middle two of an even number; NaN of none.
func Median(v []float64) float64 {
	n := len(v)
	if n == 0 {
		return math.NaN()
	}
	sort(v)
	return v[(n-1)/2]/2 + v[n/2]/2 // halved first: the sum may overflow
}

// Trimmed returns the mean of v, which it sorts, without its smallest and its largest: three values at least.
func Trimmed(v []float64) float64 {
	sort(v)
	v = v[1 : len(v)-1]
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// Mean returns the mean of the values that are not NaN; NaN where there is none.
func Mean(v []float64) float64 {
	s, n := 0.0, 0
	for _, x := range v {
		if x == x {
			s += x
			n++
		}
	}
	return s / float64(n)
}

// sort sorts v in place; the few values that most medians are taken of faster than slices.Sort does.
func sort(v []float64) {
	if len(v) > 12 {
		slices.Sort(v)
		return
	}
	for i := 1; i < len(v); i++ {
		x := v[i]
		j := i
		for ; j > 0 && v[j-1] > x; j-- {
			v[j] = v[j-1]
		}
		v[j] = x
	}
}
