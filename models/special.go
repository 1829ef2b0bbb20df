package models

import "github.com/foresight-exporter/foresight/models/predict"

// SpecialDay is a day of local time that is unlike others of its weekday.
type SpecialDay = predict.SpecialDay
