package models_test

import (
	"fmt"
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

// A forecaster is given a history, then one sample at a time, and asked at any moment.
func ExampleForecaster() {
	h := models.Series{Start: 1_700_000_000_000 / 3600_000 * 3600_000, Step: 3600_000}
	for i := range 28 * 24 {
		h.Values = append(h.Values, math.Round(100+50*math.Sin(2*math.Pi*float64(i)/24)))
	}
	f := models.Fit(&models.Options{Step: time.Hour, Level: 0.95}, h)
	a := f.Observe(f.End()+h.Step, 100)
	fmt.Printf("expected %.0f\n", a.Expected.Mean)
	for _, next := range f.Forecast(nil, []time.Duration{6 * time.Hour, 18 * time.Hour}, []float64{0.95}) {
		fmt.Printf("in %s: %.0f\n", next.Lead, next.Mean)
	}
	fmt.Println(f.Info().Seasons)
	// Output:
	// expected 100
	// in 6h0m0s: 150
	// in 18h0m0s: 50
	// [24h0m0s]
}
