package forecast

import "math"

// combine returns the weighted median of forecasts, interpolated between the middles of their weights, and how far they
// disagree; NaN forecasts have no weight. It reorders neither.
func combine(f, w []float64) (centre, spread float64) {
	var v, c [maxPool]float64
	n := 0
	total := 0.0
	for i, x := range f {
		if x != x || w[i] <= 0 {
			continue
		}
		j := n
		for ; j > 0 && v[j-1] > x; j-- {
			v[j], c[j] = v[j-1], c[j-1]
		}
		v[j], c[j] = x, w[i]
		total += w[i]
		n++
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	centre = v[n-1]
	sum, before := 0.0, 0.0
	for i := range n {
		middle := sum + c[i]/2
		if middle >= total/2 {
			centre = v[i]
			if i > 0 {
				centre = v[i-1] + (total/2-before)/(middle-before)*(v[i]-v[i-1])
			}
			break
		}
		before = middle
		sum += c[i]
	}
	a, b := 0.0, 0.0
	for i := range n {
		r := math.Sqrt(c[i])
		a += r * math.Abs(v[i]-centre)
		b += r
	}
	return centre, a / b
}
