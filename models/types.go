package models

import (
	"github.com/foresight-exporter/foresight/models/anomaly"
	"github.com/foresight-exporter/foresight/models/exhaustion"
	"github.com/foresight-exporter/foresight/models/forecast"
	"github.com/foresight-exporter/foresight/models/interval"
)

// What a forecaster says, named here so that its users need this package only.
type (
	Interval          = interval.Interval
	Forecast          = forecast.Forecast
	Quality           = forecast.Quality
	Info              = forecast.Info
	Status            = forecast.Status
	AnomalyOptions    = anomaly.Options
	Score             = anomaly.Score
	Peer              = anomaly.Peer
	ExhaustionOptions = exhaustion.Options
	BudgetOptions     = exhaustion.BudgetOptions
	Exhaustion        = exhaustion.Assessment
)

// WarmingUp is the status of a forecaster before its first fit.
const WarmingUp = forecast.WarmingUp

// PeerScores tells how unlike its siblings each replica is.
func PeerScores(scores, values []float64, memory []Peer, buffer []float64) {
	anomaly.PeerScores(scores, values, memory, buffer)
}
