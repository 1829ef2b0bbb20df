package forecast

import "slices"

// median reorders v.
func median(v []float64) float64 {
	sortFew(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// trimmed returns the mean of v without its smallest and largest, which it reorders.
func trimmed(v []float64) float64 {
	sortFew(v)
	v = v[1 : len(v)-1]
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func sortFew(v []float64) {
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

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func modulo(a, b int64) int64 { return a - floorDiv(a, b)*b }

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}
