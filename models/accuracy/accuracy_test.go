package accuracy

import (
	"math"
	"testing"
)

var nan = math.NaN()

func TestScores(t *testing.T) {
	actual := []float64{2, 0, nan, 4}
	forecast := []float64{1, 0, 5, 8}
	lower, upper := []float64{1, 1, 0, nan}, []float64{3, 2, 9, 9}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"SMAPE", SMAPE(actual, forecast), (200.0/3 + 0 + 200.0/3) / 3},
		{"SMAPE at worst", SMAPE([]float64{1}, []float64{-1}), 200},
		{"SMAPE of nothing", SMAPE(nil, nil), nan},
		{"MAE", MAE(actual, forecast), 5.0 / 3},
		{"Scale", Scale([]float64{1, 2, 4, nan, 8}, 2), (3 + 4) / 2.0},
		{"Scale without season", Scale([]float64{1, 2, 4}, 0), 1.5},
		{"Scale of too little", Scale([]float64{1, 2}, 2), nan},
		{"MASE", MASE(actual, forecast, 0.5), 10.0 / 3},
		{"MASE of a constant", MASE(actual, forecast, 0), nan},
		{"OWA", OWA(1, 2, 4, 4), 0.375},
		{"Skill", Skill(1, 4), 0.75},
		{"Skill of worse", Skill(8, 4), -1},
		{"Coverage", Coverage(actual, lower, upper), 0.5},
		{"Coverage at the edge", Coverage([]float64{1}, []float64{1}, []float64{1}), 1},
		{"IntervalScore", IntervalScore(actual, lower, upper, 0.5), (2 + (1 + 4*1)) / 2.0},
		{"MSIS", MSIS([]float64{5}, []float64{1}, []float64{3}, 0.9, 2), (2 + 20*2.0) / 2},
		{"QuantileLoss", QuantileLoss(actual, forecast, 0.9), 2 * (0.9*1 + 0.1*4)},
		{"WQL", WQL([]float64{2, -2, nan}, [][]float64{{1, -2, 0}, {3, -2, 0}}, []float64{0.1, 0.9}), (2*0.1 + 2*0.1) / 2 / 4},
		{"WQL of zeros", WQL([]float64{0}, [][]float64{{1}}, []float64{0.5}), nan},
	} {
		if math.Abs(c.got-c.want) > 1e-12 || (c.got != c.got) != (c.want != c.want) {
			t.Errorf("%s: want %v, got %v", c.name, c.want, c.got)
		}
	}
}

// TestMedianLoss: the quantile loss of the median is the absolute error.
func TestMedianLoss(t *testing.T) {
	actual, forecast := []float64{3, -1, 7}, []float64{1, 4, 7}
	if got, want := QuantileLoss(actual, forecast, 0.5), 3*MAE(actual, forecast); got != want {
		t.Errorf("want %v, got %v", want, got)
	}
}
