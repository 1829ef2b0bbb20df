package models

import "github.com/foresight-exporter/foresight/models/forecast"

// SpecialDay is a day of local time that is unlike others of its weekday.
type SpecialDay = forecast.SpecialDay
