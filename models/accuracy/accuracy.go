// Package accuracy scores forecasts: point errors as in the M4 competition (Makridakis, Spiliotis, Assimakopoulos
// 2020), intervals by their coverage and by the interval score (Gneiting, Raftery 2007), and quantiles by the weighted
// quantile loss.
//
// Functions take the values that came and what was forecast of them, of the same length. Pairs in which a value is NaN
// do not count; where none counts, or what an error is measured in is 0, the score is NaN. Nothing is changed.
package accuracy

import "math"

// SMAPE is the symmetric mean absolute percentage error, 0 to 200; a pair of zeros errs by 0.
func SMAPE(actual, forecast []float64) float64 {
	var s mean
	for i, y := range actual {
		f := forecast[i]
		if d := math.Abs(y) + math.Abs(f); d == 0 {
			s.add(0)
		} else {
			s.add(200 * math.Abs(y-f) / d)
		}
	}
	return s.value()
}

// MAE is the mean absolute error.
func MAE(actual, forecast []float64) float64 {
	var s mean
	for i, y := range actual {
		s.add(math.Abs(y - forecast[i]))
	}
	return s.value()
}

// Scale is the mean absolute difference of history to itself a season earlier: what MASE and MSIS are measured in. A
// season below 1 counts as 1.
func Scale(history []float64, season int) float64 {
	season = max(season, 1)
	var s mean
	for i := season; i < len(history); i++ {
		s.add(math.Abs(history[i] - history[i-season]))
	}
	return s.value()
}

// MASE is the mean absolute error over scale, see [Scale].
func MASE(actual, forecast []float64, scale float64) float64 {
	return over(MAE(actual, forecast), scale)
}

// OWA is the overall weighted average of M4: the mean of how SMAPE and MASE compare to those of a benchmark.
func OWA(smape, mase, benchmarkSMAPE, benchmarkMASE float64) float64 {
	return (over(smape, benchmarkSMAPE) + over(mase, benchmarkMASE)) / 2
}

// Skill is 1 - error over the error of a benchmark: 0 is as good, below 0 worse.
func Skill(err, benchmark float64) float64 { return 1 - over(err, benchmark) }

// Coverage is the share of values inside their interval, edges included.
func Coverage(actual, lower, upper []float64) float64 {
	var s mean
	for i, y := range actual {
		switch {
		case y != y || lower[i] != lower[i] || upper[i] != upper[i]:
		case lower[i] <= y && y <= upper[i]:
			s.add(1)
		default:
			s.add(0)
		}
	}
	return s.value()
}

// IntervalScore is the mean width of intervals of a level, and for each value outside what it is beyond the edge times
// 2/(1-level). Over [Scale] it is MSIS.
func IntervalScore(actual, lower, upper []float64, level float64) float64 {
	var s mean
	penalty := 2 / (1 - level)
	for i, y := range actual {
		s.add(upper[i] - lower[i] + penalty*(max(lower[i]-y, 0)+max(y-upper[i], 0)))
	}
	return s.value()
}

// MSIS is the mean scaled interval score.
func MSIS(actual, lower, upper []float64, level, scale float64) float64 {
	return over(IntervalScore(actual, lower, upper, level), scale)
}

// QuantileLoss is the sum of 2 max(q(y-f), (q-1)(y-f)) over forecasts of quantile q; pairs with a NaN add nothing.
func QuantileLoss(actual, forecast []float64, q float64) float64 {
	s := 0.0
	for i, y := range actual {
		if d := y - forecast[i]; d == d {
			s += 2 * max(q*d, (q-1)*d)
		}
	}
	return s
}

// WQL is the weighted quantile loss: the mean [QuantileLoss] over quantiles, over the sum of absolute values. Row i of
// forecasts is of quantile quantiles[i].
func WQL(actual []float64, forecasts [][]float64, quantiles []float64) float64 {
	loss, size := 0.0, 0.0
	for i, q := range quantiles {
		loss += QuantileLoss(actual, forecasts[i], q) / float64(len(quantiles))
	}
	for _, y := range actual {
		if y == y {
			size += math.Abs(y)
		}
	}
	return over(loss, size)
}

// over divides, and gives NaN rather than an infinity.
func over(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// mean is of what is a number.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) {
	if v == v {
		m.sum += v
		m.n++
	}
}

func (m *mean) value() float64 { return over(m.sum, float64(m.n)) }
