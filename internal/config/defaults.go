package config

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // time zones, wherever the binary runs

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
)

const day = 24 * time.Hour

// defaultConfig is what a file that says nothing means.
func defaultConfig() *Config {
	return &Config{
		Source: Source{
			MaxConcurrentQueries: 4,
			Timeout:              model.Duration(2 * time.Minute),
			HTTP:                 commonconfig.DefaultHTTPClientConfig,
		},
		Defaults: Defaults{
			Step:               model.Duration(5 * time.Minute),
			History:            model.Duration(28 * day),
			EvaluationInterval: model.Duration(time.Minute),
			Level:              0.95,
			SeriesLimit:        10_000,
		},
		Rules: Rules{Prefix: "Foresight"},
	}
}

// fill sets what the tasks leave open.
func (p *problems) fill(c *Config) {
	p.loadCalendars(c)
	for i, t := range c.Tasks {
		p.fillTask(t, &c.Defaults, fmt.Sprintf("tasks[%d]", i))
		p.followCalendars(c, t, fmt.Sprintf("tasks[%d]", i))
	}
}

func (p *problems) fillTask(t *Task, d *Defaults, at string) {
	unset := func(field string) bool { return !p.has(at + "." + field) }
	set(&t.Step, d.Step, unset("step"))
	set(&t.History, d.History, unset("history"))
	set(&t.EvaluationInterval, d.EvaluationInterval, unset("evaluation_interval"))
	set(&t.Level, d.Level, unset("level"))
	set(&t.SeriesLimit, d.SeriesLimit, unset("series_limit"))
	set(&t.TimeZone, d.TimeZone, unset("time_zone"))
	set(&t.Calendars, slices.Clone(d.Calendars), unset("calendars"))
	set(&t.Season, Season{Auto: true}, unset("season"))
	if t.QueryOffset == nil {
		offset := d.QueryOffset
		t.QueryOffset = &offset
	}
	if unset("outputs") {
		t.Outputs = []board.Group{board.GroupExpected, board.GroupAnomaly, board.GroupInfo}
		if len(t.Horizons) > 0 {
			t.Outputs = append(t.Outputs, board.GroupForecast)
		}
		if t.Exhaustion != nil {
			t.Outputs = append(t.Outputs, board.GroupExhaustion)
		}
	}
	if len(t.Horizons) == 0 && slices.Contains(t.Outputs, board.GroupForecast) {
		for _, h := range []time.Duration{time.Hour, 6 * time.Hour, day} {
			if h >= time.Duration(t.Step) {
				t.Horizons = append(t.Horizons, model.Duration(h))
			}
		}
	}
	t.Horizons = ascending(t.Horizons)
	slices.Sort(t.Season.Periods)
	t.Season.Periods = slices.Compact(t.Season.Periods)

	set(&t.Anomaly.Direction, "both", unset("anomaly.direction"))
	set(&t.Anomaly.FalseEventsPerWeek, 0.3, unset("anomaly.false_events_per_week"))
	set(&t.Anomaly.Settle, model.Duration(day), unset("anomaly.settle"))
	if a := t.Alert; a != nil {
		set(&a.Severity, "warning", unset("alert.severity"))
		set(&a.For, max(model.Duration(10*time.Minute), 2*t.Step), unset("alert.for"))
		set(&a.GroupRatio, 0.5, unset("alert.group_ratio") && len(t.GroupBy) > 0)
	}
	if t.Exhaustion != nil {
		p.fillExhaustion(t.Exhaustion, t.Step, at+".exhaustion")
	}
	if t.TimeZone != "" {
		loc, err := time.LoadLocation(t.TimeZone)
		if err != nil {
			p.add(at+".time_zone", "unknown time zone %q; want a name such as Europe/Berlin", t.TimeZone)
		}
		t.Location = loc
	}
}

func (p *problems) fillExhaustion(e *Exhaustion, step model.Duration, at string) {
	set(&e.Direction, "rising", e.Direction == "")
	for i := range e.Alerts {
		a, at := &e.Alerts[i], fmt.Sprintf("%s.alerts[%d]", at, i)
		set(&a.Severity, "warning", a.Severity == "")
		set(&a.For, max(model.Duration(15*time.Minute), 2*step), !p.has(at+".for"))
		if a.Within > 0 {
			e.Within = append(e.Within, a.Within)
		}
	}
	if len(e.Within) == 0 {
		e.Within = []model.Duration{model.Duration(day), model.Duration(4 * day)}
	}
	e.Within = ascending(e.Within)
}

func set[T any](field *T, value T, unset bool) {
	if unset {
		*field = value
	}
}

// ascending sorts and drops repeats.
func ascending(d []model.Duration) []model.Duration {
	slices.Sort(d)
	return slices.Compact(d)
}
