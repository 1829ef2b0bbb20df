package config

import (
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
)

func load(t *testing.T, task string) *Task {
	t.Helper()
	c, err := Parse("x.yml", []byte("source: {url: 'http://x'}\ntasks: [{name: a, expr: up, "+task+"}]"))
	if err != nil {
		t.Fatal(err)
	}
	return c.Tasks[0]
}

func TestModelOptions(t *testing.T) {
	o := load(t, `step: 1m, minimum: 0, level: 0.8, horizons: [6h, 1h], season: [1d], time_zone: Europe/Berlin,
		anomaly: {direction: below, hours: "Mon-Fri 07:00-20:00", settle: 2h, minimum_deviation: 1, minimum_relative_deviation: 2, false_events_per_week: 3},
		exhaustion: {limit: 3, direction: falling, sustained: 1h, within: [2d], alerts: [{within: 1d, probability: 0.5}]}`).ModelOptions()
	if o.Step != time.Minute || *o.Minimum != 0 || o.Maximum != nil || o.Level != 0.8 || o.Location.String() != "Europe/Berlin" {
		t.Errorf("got %+v", o)
	}
	if len(o.Horizons) != 2 || o.Horizons[0] != time.Hour || len(o.Seasons) != 1 || o.Seasons[0] != 24*time.Hour {
		t.Errorf("got horizons %v, seasons %v", o.Horizons, o.Seasons)
	}
	a := o.Anomaly
	if a.Above || !a.Below || a.Settle != 2*time.Hour || a.MinimumDeviation != 1 || a.MinimumRelativeDeviation != 2 || a.FalseEventsPerWeek != 3 {
		t.Errorf("got %+v", a)
	}
	monday := time.Date(2025, 3, 3, 6, 0, 0, 0, time.UTC) // 07:00 in Berlin
	if !a.Active(monday.UnixMilli()) || a.Active(monday.Add(-time.Minute).UnixMilli()) {
		t.Error("the hours don't follow the time zone")
	}
	l := o.Limit
	if !l.Falling || l.Sustained != time.Hour || len(l.Within) != 2 || l.Within[0] != 24*time.Hour || l.Within[1] != 48*time.Hour {
		t.Errorf("got %+v", l)
	}
}

func TestModelOptionsOfDefaults(t *testing.T) {
	o := load(t, "step: 2m").ModelOptions()
	if o.Seasons != nil || o.Limit != nil || o.Anomaly.Active != nil || !o.Anomaly.Above || !o.Anomaly.Below {
		t.Errorf("got %+v", o)
	}
	if len(o.Horizons) != 1 || o.Horizons[0] != 2*time.Minute {
		t.Errorf("got horizons %v, want one step", o.Horizons)
	}
	if o := load(t, "season: none").ModelOptions(); o.Seasons == nil || len(o.Seasons) != 0 {
		t.Errorf("season none: got %v, want an empty list", o.Seasons)
	}
}

func TestExports(t *testing.T) {
	if task := load(t, "by: [x]"); !task.Exports(board.GroupAlways) || !task.Exports(board.GroupInfo) || task.Exports(board.GroupQuality) {
		t.Error("Exports tells wrong groups")
	}
}
