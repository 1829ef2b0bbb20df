package forecast

import "time"

// Options say what to learn. They are shared and never changed after use.
type Options struct {
	Step     int64           // milliseconds between samples
	Seasons  []time.Duration // nil: found from the data; empty and not nil: none
	Location *time.Location  // that daily patterns follow; nil: UTC
	Minimum  *float64        // bounds of the values; nil: none
	Maximum  *float64        //
	Level    float64         // of the interval that Expect gives
	Horizons []time.Duration // at which Quality is measured
	Months   bool            // learn level and yearly season too, for horizons of months
	Days     []SpecialDay    // ascending; what they are like is learnt apart
}

// Status says whether a model forecasts, or why not.
type Status uint8

// The statuses of a model.
const (
	OK        Status = iota
	WarmingUp        // nothing fitted yet, or too little seen
	TooShort         // the history is shorter than what the series' season needs
	Constant         // one value only; it is forecast, with no width
	Gaps             // too many samples are missing
)

// Info describes what was learnt.
type Info struct {
	Status  Status
	Model   string          // the heaviest member of the combination, or the fallback's name
	Seasons []time.Duration // owned by the model
}

// Forecast is what a model expects Lead after its newest sample. Lower[i] and Upper[i] are the edges at levels[i].
type Forecast struct {
	Lead         time.Duration
	Mean         float64
	Lower, Upper []float64
}
