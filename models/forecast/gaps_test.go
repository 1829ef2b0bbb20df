package forecast

import (
	"math"
	"testing"
)

// What is missing of a line goes on along it; after a weekend, what is missing of a weekday does not go down further.
func TestGapsGoOn(t *testing.T) {
	const season = 24
	for _, tt := range []struct {
		name string
		of   func(i int) float64
		want func(i int) float64
	}{
		{"a line", func(i int) float64 { return 3 * float64(i) }, func(i int) float64 { return 3 * float64(i) }},
		{"a wave", func(i int) float64 { return math.Sin(2 * math.Pi * float64(i) / season) }, func(i int) float64 { return math.Sin(2 * math.Pi * float64(i) / season) }},
		{"a quiet day", func(i int) float64 { return map[bool]float64{true: 10, false: 100}[i/season == 9] }, func(int) float64 { return 10 }},
	} {
		x := make([]float64, 11*season)
		for i := range x {
			if x[i] = tt.of(i); i >= 10*season {
				x[i] = math.NaN()
			}
		}
		fillGaps(x, present(x), 0, season)
		for i := 10 * season; i < len(x); i++ {
			if math.Abs(x[i]-tt.want(i)) > 1e-6*math.Abs(tt.want(i))+1e-9 {
				t.Errorf("%s: value %d is %g, want %g", tt.name, i, x[i], tt.want(i))
				break
			}
		}
	}
}

// What was anomalous and recurs a week later is learnt; what was anomalous once is not.
func TestRecursWeekly(t *testing.T) {
	const perDay, step = 288, 300_000
	m := New(&Options{Step: step, Level: 0.95})
	odd := 5*perDay + 150 // of each of two weeks
	for i := range 13 * perDay {
		v, anomalous := 100+10*math.Sin(2*math.Pi*float64(i)/perDay), false
		if i == odd || i == odd+7*perDay+3 || i == odd+7*perDay {
			v, anomalous = 20, true
		}
		m.Observe(int64(i)*step, v, anomalous)
		if m.Due() {
			m.Refit()
		}
	}
	if m.outliers.has(int64(odd + 7*perDay)) {
		t.Error("what recurs is not learnt")
	}
	if !m.outliers.has(int64(odd + 7*perDay + 3)) {
		t.Error("what was there once is learnt")
	}
}
