package main

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models"
)

// anomalies returns the share of planted incidents that are missed, and the false events a week without them. Incidents
// are planted every day and a half of what is followed, in turn: one sample, half an hour, two hours off by sixteen, eight and
// four times the usual size of a change within an hour.
func anomalies(s models.Series) [2]float64 {
	usual := changes(s)
	if usual == 0 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	day := perDay(s)
	options := func() *models.Options {
		return &models.Options{Anomaly: &models.AnomalyOptions{FalseEventsPerWeek: .3}}
	}
	events, moments := 0., 0.
	follow(options(), s, func(_ *models.Forecaster, _ int, a models.Assessment) {
		moments++
		if a.Onset {
			events++
		}
	})
	planted := s
	planted.Values = slices.Clone(s.Values)
	kinds := []struct {
		rows int
		size float64
	}{{1, 16}, {max(2, day/48), 8}, {max(3, day/12), 4}}
	of := map[int]int{} // the incident that a moment belongs to
	number := 0
	for i := 2*len(s.Values)/3 + day/2; i+day/12+3 < len(s.Values); i += max(12, day*3/2) {
		kind := kinds[number%len(kinds)]
		for j := range kind.rows {
			planted.Values[i+j] += kind.size * usual * []float64{1, -1}[number/len(kinds)%2]
			of[i+j] = number
		}
		number++
	}
	if number == 0 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	found := map[int]bool{}
	follow(options(), planted, func(_ *models.Forecaster, i int, a models.Assessment) {
		if n, ok := of[i]; ok && a.Value > 1 {
			found[n] = true
		}
	})
	return [2]float64{1 - float64(len(found))/float64(number), events / (moments / float64(7*day))}
}

// changes is the 90 % point of how much the series changes within an hour.
func changes(s models.Series) float64 {
	lag := max(1, perDay(s)/24)
	var all []float64
	for i := lag; i < len(s.Values); i++ {
		if d := math.Abs(s.Values[i] - s.Values[i-lag]); d > 0 {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)*9/10]
}
