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
		Minimum:  t.Minimum,
		Maximum:  t.Maximum,
		Level:    t.Level,
		Horizons: durations(t.Horizons),
		Anomaly:  t.anomalyOptions(),
		Past:     time.Duration(t.History),
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
