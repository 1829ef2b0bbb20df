package models_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

const (
	step  = 5 * time.Minute
	start = int64(1_700_000_100_000)
)

func options() *models.Options {
	return &models.Options{
		Step: step, Level: 0.95, Horizons: []time.Duration{time.Hour, 24 * time.Hour}, Past: 28 * 24 * time.Hour,
		Anomaly: &models.AnomalyOptions{FalseEventsPerWeek: 0.3, Above: true, Below: true},
		Limit:   &models.ExhaustionOptions{Within: []time.Duration{24 * time.Hour, 96 * time.Hour}},
	}
}

// disk is a disk that fills and is cleaned every night, with noise and a gap.
func disk(n int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = 50 + 0.003*float64(i) + 10*float64(i%288)/288 + 0.2*random.NormFloat64()
		if i > 2000 && i < 2030 {
			v[i] = math.NaN()
		}
	}
	return v
}

// drive observes values as the live engine does.
func drive(f *models.Forecaster, from int, values []float64) (out []models.Assessment) {
	for i, v := range values {
		out = append(out, f.Observe(start+int64(from+i)*step.Milliseconds(), v))
		if f.Due() {
			f.Refit()
		}
	}
	return out
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func equal(a, b models.Assessment) bool {
	return same(a.Expected.Mean, b.Expected.Mean) && same(a.Expected.Lower, b.Expected.Lower) && same(a.Expected.Upper, b.Expected.Upper) && a.Score == b.Score
}

// What is said of a moment does not depend on what comes after it.
func TestNothingLaterIsUsed(t *testing.T) {
	values := disk(4000, 1)
	whole := drive(models.New(options()), 0, values)
	other := append(append([]float64{}, values[:3000]...), disk(1000, 2)...)
	for i, a := range drive(models.New(options()), 0, other)[:3000] {
		if !equal(a, whole[i]) {
			t.Fatalf("at %d the assessment is %+v with another future, %+v with this one", i, a, whole[i])
		}
	}
}

// Past and future are one curve: up to the origin as it was expected then, after it as forecast now.
func TestCurve(t *testing.T) {
	f := models.New(options())
	said := drive(f, 0, disk(6000, 1))
	end := f.End()
	ms := step.Milliseconds()
	points := f.Curve(nil, end-12*ms, end+24*12*ms, ms)
	if len(points) != 13+24*12 {
		t.Fatalf("%d points, want %d", len(points), 13+24*12)
	}
	forecasts := f.Forecast(nil, []time.Duration{step, time.Hour, 24 * time.Hour}, []float64{0.95})
	for i, p := range points {
		if want := end + int64(i-12)*ms; p.T != want {
			t.Fatalf("point %d is of %d, want %d", i, p.T, want)
		}
		if !(p.Lower <= p.Mean && p.Mean <= p.Upper) {
			t.Errorf("point %d is outside its interval: %+v", i, p)
		}
		for _, f := range forecasts {
			if p.T == end+f.Lead.Milliseconds() && math.Abs(p.Mean-f.Mean) > 1e-9*math.Abs(f.Mean) {
				t.Errorf("%v ahead the curve is at %v, the forecast at %v", f.Lead, p.Mean, f.Mean)
			}
		}
	}
	if last := said[len(said)-1]; math.Abs(points[12].Mean-last.Expected.Mean) > 1e-3*math.Abs(last.Expected.Mean) {
		t.Errorf("at the origin the curve is at %v, the expectation was %v", points[12].Mean, last.Expected.Mean)
	}
	finer := f.Curve(nil, end+1, end+2*ms, ms/5)
	for i := 1; i < len(finer); i++ {
		if finer[i].T-finer[i-1].T != ms/5 {
			t.Errorf("between the grid's moments: %d after %d", finer[i].T, finer[i-1].T)
		}
	}
	if len(finer) < 9 {
		t.Errorf("%d points within two steps, want ten", len(finer))
	}
}

func TestStateNames(t *testing.T) {
	seen := map[string]bool{}
	for s := range models.NumStates {
		name := models.State(s).String()
		if seen[name] || name == "" {
			t.Errorf("the state %d is named %q", s, name)
		}
		seen[name] = true
	}
}

func BenchmarkObserve(b *testing.B) {
	f := models.New(options())
	values := disk(8064, 1)
	drive(f, 0, values)
	t := f.End()
	b.ReportAllocs()
	for b.Loop() {
		t += step.Milliseconds()
		f.Observe(t, values[int(t/step.Milliseconds())%len(values)])
	}
}

func BenchmarkHistory(b *testing.B) {
	s := models.Series{Start: start, Step: step.Milliseconds(), Values: disk(8064, 1)}
	b.ReportAllocs()
	for b.Loop() {
		models.Fit(options(), s)
	}
}
