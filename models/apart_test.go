package models_test

import (
	"math"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

// Scratch memory is shared by all series: what one says must not hang on which was asked before, nor on how many leads
// are asked for at once.
func TestSeriesAreApart(t *testing.T) {
	o := options()
	o.Step = 15 * time.Minute
	of := func(slope float64) func(i int) float64 {
		return func(i int) float64 {
			noise := float64((i*7919)%1000) / 1000
			return 500 + slope*float64(i)/96 + 2*math.Sin(2*math.Pi*float64(i%96)/96) + noise
		}
	}
	learn := func(f *models.Forecaster, from, to int, value func(int) float64) {
		for i := from; i < to; i++ {
			f.Observe(start+int64(i)*o.Step.Milliseconds(), value(i))
		}
	}
	other := models.New(o)
	learn(other, 0, 700, func(i int) float64 { return of(3000)(i * i % 97) })
	other.Refit()
	levels := []float64{0.95}
	said := func(disturb func()) (all []float64) {
		f := models.New(o)
		for i := range 800 {
			learn(f, i, i+1, of(20))
			if i < 600 {
				continue
			}
			disturb()
			if f.Due() {
				f.Refit()
			}
			disturb()
			one := f.Forecast(nil, []time.Duration{6 * time.Hour}, levels)[0]
			all = append(all, one.Mean, one.Lower[0], one.Upper[0])
		}
		return all
	}
	alone := said(func() {})
	among := said(func() {
		other.Refit()
		other.Forecast(nil, []time.Duration{time.Hour, 24 * time.Hour}, levels)
	})
	for i := range alone {
		if alone[i] != among[i] {
			t.Fatalf("answer %d is %v alone and %v among others", i, alone[i], among[i])
		}
	}

	f := models.New(o)
	learn(f, 0, 650, of(20))
	f.Refit()
	var leads []time.Duration
	for k := range 24 {
		leads = append(leads, time.Duration(k+1)*o.Step)
	}
	few, many := f.Forecast(nil, leads[23:], levels)[0], f.Forecast(nil, leads, levels)[23]
	if few.Mean != many.Mean || few.Upper[0] != many.Upper[0] {
		t.Errorf("six hours ahead %v alone and %v among other leads", few, many)
	}
}
