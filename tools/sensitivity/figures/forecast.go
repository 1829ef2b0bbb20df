package main

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

// forecasts returns the mean absolute error of forecasts up to a day ahead, made every quarter of a day, and the mean
// score of their 80 % and 95 % intervals (Gneiting and Raftery 2007), both over the error of the value a day before and
// bounded, so that no single series decides.
func forecasts(s models.Series) [2]float64 {
	day := perDay(s)
	var leads []time.Duration
	var ahead []int
	for _, k := range []int{1, day / 24, day / 4, day} {
		if k > 0 && (len(ahead) == 0 || k > ahead[len(ahead)-1]) {
			ahead, leads = append(ahead, k), append(leads, time.Duration(int64(k)*s.Step)*time.Millisecond)
		}
	}
	levels := []float64{.8, .95}
	var off, score, naive, n float64
	var buffer []models.Forecast
	follow(&models.Options{Horizons: []time.Duration{leads[len(leads)-1]}}, s, func(f *models.Forecaster, i int, _ models.Assessment) {
		if i%max(1, day/4) != 0 {
			return
		}
		buffer = f.Forecast(buffer, leads, levels)
		for k := range buffer {
			j := i + ahead[k]
			if j >= len(s.Values) || j < day {
				continue
			}
			came, before := s.Values[j], s.Values[j-day]
			if math.IsNaN(came) || math.IsNaN(before) {
				continue
			}
			b := &buffer[k]
			off += math.Abs(came - b.Mean)
			naive += math.Abs(came - before)
			for l, level := range levels {
				wide := b.Upper[l] - b.Lower[l] + 2/(1-level)*(max(0, b.Lower[l]-came)+max(0, came-b.Upper[l]))
				score += wide / float64(len(levels))
			}
			n++
		}
	})
	if naive == 0 || n < 10 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	return [2]float64{min(3, off/naive), min(30, score/naive)}
}
