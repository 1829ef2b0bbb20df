package config

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// ModelOptions are the options of the forecasters of the task's series. Quality is measured at the task's horizons, at
// one step where there are none. They share slices with the task, which must not change.
func (t *Task) ModelOptions() *models.Options {
	o := &models.Options{
		Step:     time.Duration(t.Step),
		Location: t.Location,
		Days:     t.Days,
		Minimum:  t.Minimum,
		Maximum:  t.Maximum,
		Level:    t.Level,
		Horizons: durations(t.Horizons),
		Anomaly:  t.anomalyOptions(),
		Past:     min(time.Duration(t.History), mostPast*max(time.Duration(t.Step), time.Hour)),
		Months:   t.months(),
	}
	if !t.Season.Auto {
		o.Seasons = append([]time.Duration{}, t.Season.Periods...)
	}
	if len(o.Horizons) == 0 {
		o.Horizons = []time.Duration{o.Step}
	}
	switch e := t.Exhaustion; {
	case e == nil:
	case e.Budget != nil:
		o.Budget = &models.BudgetOptions{
			Objective: e.Budget.Objective, Window: time.Duration(e.Budget.Window), Within: durations(e.Within),
		}
	default:
		o.Limit = &models.ExhaustionOptions{
			Falling:   e.Direction == "falling",
			Sustained: time.Duration(e.Sustained),
			Within:    durations(e.Within),
		}
	}
	return o
}

// mostPast is how many past expectations are kept: a year of hours, in 48 KiB a series.
const mostPast = 365 * 24

// monthsFrom is the history that forecasts of months can be learnt from, and monthsAhead the horizon that wants them.
const (
	monthsFrom  = 26 * 7 * day
	monthsAhead = 14 * day
)

// months reports whether growth and the year are to be learnt.
func (t *Task) months() bool {
	n := len(t.Horizons)
	return time.Duration(t.History) >= monthsFrom || n > 0 && time.Duration(t.Horizons[n-1]) > monthsAhead
}

// anomalyOptions are set even where no score is exported: learning gives anomalous samples less weight.
func (t *Task) anomalyOptions() *models.AnomalyOptions {
	a := &t.Anomaly
	o := &models.AnomalyOptions{
		FalseEventsPerWeek:       a.FalseEventsPerWeek,
		Above:                    a.Direction != "below",
		Below:                    a.Direction != "above",
		MinimumDeviation:         a.MinimumDeviation,
		MinimumRelativeDeviation: a.MinimumRelativeDeviation,
		Settle:                   time.Duration(a.Settle),
	}
	if !a.Hours.Always() {
		hours, loc := a.Hours, t.Location
		o.Active = func(ms int64) bool { return hours.Contain(time.UnixMilli(ms), loc) }
	}
	return o
}

// Exports tells whether the task exports a group.
func (t *Task) Exports(g board.Group) bool {
	return g == board.GroupAlways || slices.Contains(t.Outputs, g)
}

func durations(d []model.Duration) []time.Duration {
	out := make([]time.Duration, len(d))
	for i, x := range d {
		out[i] = time.Duration(x)
	}
	return out
}
