package models

import (
	"github.com/foresight-exporter/foresight/models/anomaly"
	"github.com/foresight-exporter/foresight/models/exhaustion"
	"github.com/foresight-exporter/foresight/models/predict"
)

// What a forecaster says, named here so that its users need this package only.
type (
	Forecast          = predict.Forecast
	Quality           = predict.Quality
	Info              = predict.Info
	Status            = predict.Status
	AnomalyOptions    = anomaly.Options
	Score             = anomaly.Score
	ExhaustionOptions = exhaustion.Options
	BudgetOptions     = exhaustion.BudgetOptions
	Exhaustion        = exhaustion.Assessment
)

// WarmingUp is the status of a forecaster before its first fit.
const WarmingUp = predict.WarmingUp
