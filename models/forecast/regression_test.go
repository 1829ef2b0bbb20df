package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// TestRegressionFinds: an autoregression is found back from its own path, outliers notwithstanding.
func TestRegressionFinds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	want := []float64{0.1, 0.6, -0.3, 0.2}
	y := make([]float64, 3000)
	for i := 3; i < len(y); i++ {
		y[i] = want[0] + want[1]*y[i-1] + want[2]*y[i-2] + want[3]*y[i-3] + 0.1*rnd.NormFloat64()
	}
	r := regression{terms: newTerms(0, 0, false, false), profiles: new(profiles)}
	g := normalEquations{n: r.size()}
	var row [maxTerms]float64
	for i := 3; i < len(y); i++ {
		v := y[i]
		if i%50 == 0 {
			v += 20
		}
		r.fill(&row, y, i)
		g.add(&row, v, &r.beta, r.fitted)
		if i%100 == 0 {
			r.fitted = g.solve(&r.beta)
		}
	}
	for i, b := range want {
		if math.Abs(r.beta[i]-b) > 0.08 {
			t.Errorf("coefficients: want about %v, got %v", want, r.beta[:4])
			break
		}
	}
	path := make([]float64, 200)
	r.path(path, y, 0, 0, -10, 10)
	if settled := want[0] / (1 - want[1] - want[2] - want[3]); math.Abs(path[199]-settled) > 0.1 {
		t.Errorf("the path settles at %v, not at %v", path[199], settled)
	}
}

// TestSolve: the solution satisfies the ridged equations.
func TestSolve(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	g := normalEquations{n: 9}
	var row, beta [maxTerms]float64
	for range 60 {
		row[0] = 1
		for i := 1; i < g.n; i++ {
			row[i] = rnd.NormFloat64()
		}
		row[8] = row[7] // singular but for the ridge
		g.add(&row, rnd.NormFloat64(), &beta, false)
	}
	if !g.solve(&beta) {
		t.Fatal("not solved")
	}
	for i := range g.n {
		s := 0.0
		for j := range g.n {
			a, b := max(i, j), min(i, j)
			s += g.a[a*(a+1)/2+b] * beta[j]
		}
		s += beta[i] * g.total * []float64{ridgeConst, ridge}[numeric.OneIf(i > 0)]
		if math.Abs(s-g.b[i]) > 1e-8 {
			t.Errorf("row %d: want %v, got %v", i, g.b[i], s)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, c := range []struct {
		p, w   int
		weekly bool
		want   []int
	}{
		{24, 168, true, []int{1, 2, 3, 23, 24, 25, 26, 167, 168, 169, 170}},
		{24, 168, false, []int{1, 2, 3, 23, 24, 25, 26}},
		{4, 28, true, []int{1, 2, 3, 4, 5, 6, 27, 28, 29, 30}},
		{0, 0, true, []int{1, 2, 3}},
		{7, 0, true, []int{1, 2, 3, 6, 7, 8, 9}},
	} {
		got := newTerms(c.p, c.w, c.weekly, true)
		for i, l := range c.want {
			if got.n != len(c.want) || got.lags[i] != l {
				t.Errorf("seasons %d and %d: want %v, got %v", c.p, c.w, c.want, got.lags[:got.n])
				break
			}
		}
		if got.size() > maxTerms {
			t.Errorf("seasons %d and %d: %d terms", c.p, c.w, got.size())
		}
	}
}
