package exhaustion

import (
	"math"
	"slices"
)

// medians fills dst[i] with the upper median of x[i-w+1..i]; NaN are left out, and where all are NaN so is dst[i].
func medians(dst, x []float64, w int) {
	var all [size]float64
	s := all[:0]
	for i, v := range x {
		if v == v {
			k, _ := slices.BinarySearch(s, v)
			s = slices.Insert(s, k, v)
		}
		if i >= w && x[i-w] == x[i-w] {
			k, _ := slices.BinarySearch(s, x[i-w])
			s = slices.Delete(s, k, k+1)
		}
		dst[i] = math.NaN()
		if len(s) > 0 {
			dst[i] = s[len(s)/2]
		}
	}
}

// maxima fills dst[i] with the highest of x[i-w+1..i]; NaN are left out, and where all are NaN so is dst[i].
func maxima(dst, x []float64, w int) {
	var queue [size]int
	first, end := 0, 0
	for i, v := range x {
		if first < end && queue[first] <= i-w {
			first++
		}
		if v == v {
			for first < end && x[queue[end-1]] <= v {
				end--
			}
			queue[end] = i
			end++
		}
		dst[i] = math.NaN()
		if first < end {
			dst[i] = x[queue[first]]
		}
	}
}
