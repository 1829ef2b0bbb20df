package main

import (
	"math"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

// exhaustion returns the Brier score of the probability that a limit is reached within one and within four days, and the
// mean absolute error of the median time on the natural logarithm where the limit was reached in the recording. Limits are
// those a tenth, a half and one and a half times the range of the week before above the level of now, four times a day.
func exhaustion(s models.Series) [2]float64 {
	day := perDay(s)
	within := []time.Duration{24 * time.Hour, 96 * time.Hour}
	var brier, asked, off, reached float64
	var a models.Exhaustion
	follow(&models.Options{Limit: &models.ExhaustionOptions{Within: within}}, s, func(f *models.Forecaster, i int, _ models.Assessment) {
		week := present(s.Values[max(0, i-7*day) : i+1])
		if i%max(1, day/4) != 0 || len(week) == 0 || math.IsNaN(s.Values[i]) {
			return
		}
		wide := slices.Max(week) - slices.Min(week)
		for _, share := range []float64{.1, .5, 1.5} {
			limit := s.Values[i] + share*wide
			if wide == 0 {
				return
			}
			after := slices.IndexFunc(s.Values[i+1:], func(v float64) bool { return v >= limit }) + 1 // 0: never
			f.Exhaustion(&a, limit)
			for k, w := range within {
				rows := int(w.Milliseconds() / s.Step)
				if i+rows >= len(s.Values) {
					continue
				}
				came := 0.
				if after > 0 && after <= rows {
					came = 1
				}
				brier += (a.Probability[k] - came) * (a.Probability[k] - came)
				asked++
			}
			if after > 0 {
				told := min(a.Seconds[1], (14 * 24 * time.Hour).Seconds()) // at least a step
				off += math.Abs(math.Log(max(told, float64(s.Step)/1000) * 1000 / float64(int64(after)*s.Step)))
				reached++
			}
		}
	})
	return [2]float64{brier / asked, off / reached}
}
