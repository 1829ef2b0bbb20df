// Package config is Foresight's configuration: its types, defaults, strict loading, validation and redaction.
// docs/configuration.md is its reference.
//
// Read config.go (the types), load.go (a file's way in), strict.go (YAML without surprises), defaults.go, and
// validate.go, which puts problems (problems.go) beside files and lines. model.go turns a task into the options of its
// models, schema.go the types into a JSON Schema, redact.go hides secrets.
package config

import (
	"math"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// Config is a whole configuration, complete with defaults and valid. It is not changed after loading.
type Config struct {
	Source   Source   `yaml:"source"`
	Defaults Defaults `yaml:"defaults,omitempty"`
	Rules    Rules    `yaml:"rules,omitempty"`
	Tasks    []*Task  `yaml:"tasks,omitempty"` // those of presets among them

	Presets []PresetUse `yaml:"presets,omitempty"` // nil after loading

	Calendars map[string]*Calendar `yaml:"calendars,omitempty"` // by name

	ExportedSeriesLimit int `yaml:"exported_series_limit,omitempty"` // over all tasks; 0: none

	Warnings []string `yaml:"-"` // what is valid but likely not meant, each with file and line
}

// Source is the Prometheus-compatible server that is read.
type Source struct {
	URL                  *commonconfig.URL             `yaml:"url"`
	MaxConcurrentQueries int                           `yaml:"max_concurrent_queries,omitempty"`
	Timeout              model.Duration                `yaml:"timeout,omitempty"`
	HTTP                 commonconfig.HTTPClientConfig `yaml:",inline"`
}

// Defaults are what a task has where it says nothing itself.
type Defaults struct {
	Step               model.Duration `yaml:"step,omitempty"`
	History            model.Duration `yaml:"history,omitempty"`
	EvaluationInterval model.Duration `yaml:"evaluation_interval,omitempty"`
	QueryOffset        model.Duration `yaml:"query_offset,omitempty"`
	Level              float64        `yaml:"level,omitempty"`
	SeriesLimit        int            `yaml:"series_limit,omitempty"` // 0: none
	TimeZone           string         `yaml:"time_zone,omitempty"`
	Calendars          []string       `yaml:"calendars,omitempty"`
}

// Rules are the settings of generated rules.
type Rules struct {
	Prefix     string            `yaml:"prefix,omitempty"`      // first word of alert names
	RunbookURL string            `yaml:"runbook_url,omitempty"` // the alert's name is appended
	PageURL    string            `yaml:"page_url,omitempty"`    // Foresight's external URL, for links
	Labels     map[string]string `yaml:"labels,omitempty"`      // added to every alert
	Lookahead  string            `yaml:"lookahead,omitempty"`   // "" or "remote_read"
}

// Task is one PromQL expression and what to learn from it. After loading, the defaults are filled in.
type Task struct {
	Name               string           `yaml:"name,omitempty"`   // not empty after loading
	Preset             string           `yaml:"preset,omitempty"` // the task of a preset that this one is, such as node.filesystem
	Expr               string           `yaml:"expr,omitempty"`   // not empty after loading
	Signal             string           `yaml:"signal,omitempty"` // latency, traffic, errors or saturation; "": none of them
	Owner              []string         `yaml:"owner,omitempty"`  // labels that name the thing that a series belongs to
	By                 []string         `yaml:"by,omitempty"`     // identity of a series; nil: all labels but __name__
	Step               model.Duration   `yaml:"step,omitempty"`
	History            model.Duration   `yaml:"history,omitempty"`
	EvaluationInterval model.Duration   `yaml:"evaluation_interval,omitempty"`
	QueryOffset        *model.Duration  `yaml:"query_offset,omitempty"` // not nil after loading
	Level              float64          `yaml:"level,omitempty"`
	Minimum            *float64         `yaml:"minimum,omitempty"`
	Maximum            *float64         `yaml:"maximum,omitempty"`
	Season             Season           `yaml:"season,omitempty"`
	TimeZone           string           `yaml:"time_zone,omitempty"`
	Calendars          []string         `yaml:"calendars,omitempty"` // names of those whose days are unlike others
	Horizons           []model.Duration `yaml:"horizons,omitempty"`  // ascending, without repeats after loading
	Outputs            []board.Group    `yaml:"outputs,omitempty"`   // not empty after loading
	Anomaly            Anomaly          `yaml:"anomaly,omitempty"`
	GroupBy            []string         `yaml:"group_by,omitempty"`
	Exhaustion         *Exhaustion      `yaml:"exhaustion,omitempty"`
	Threshold          *Threshold       `yaml:"threshold,omitempty"`
	Alert              *Alert           `yaml:"alert,omitempty"`
	SeriesLimit        int              `yaml:"series_limit,omitempty"` // 0: none

	Location *time.Location      `yaml:"-"` // of TimeZone; nil: UTC
	Days     []models.SpecialDay `yaml:"-"` // of Calendars, ascending
}

// Season says which seasons a task's series have: found from the data, none, or given.
type Season struct {
	Auto    bool
	Periods []time.Duration // given ones, ascending; empty with Auto false: none
}

// Anomaly are the settings of a task's scores.
type Anomaly struct {
	Direction                string         `yaml:"direction,omitempty"` // above, below or both
	MinimumDeviation         float64        `yaml:"minimum_deviation,omitempty"`
	MinimumRelativeDeviation float64        `yaml:"minimum_relative_deviation,omitempty"`
	Settle                   model.Duration `yaml:"settle,omitempty"`
	Hours                    Hours          `yaml:"hours,omitempty"`
	FalseEventsPerWeek       float64        `yaml:"false_events_per_week,omitempty"`
}

// Exhaustion says what limit a task's series run into.
type Exhaustion struct {
	Limit     *float64          `yaml:"limit,omitempty"` // either Limit, LimitExpr or Budget
	LimitExpr string            `yaml:"limit_expr,omitempty"`
	Budget    *Budget           `yaml:"budget,omitempty"`
	On        []string          `yaml:"on,omitempty"`        // how limits match; nil: the task's By
	Direction string            `yaml:"direction,omitempty"` // rising or falling
	Sustained model.Duration    `yaml:"sustained,omitempty"`
	Within    []model.Duration  `yaml:"within,omitempty"` // of the exported probabilities; after loading, those of Alerts are among them, ascending
	Alerts    []ExhaustionAlert `yaml:"alerts,omitempty"`
}

// Usable tells whether a limit is one: 0 is none for a rising series, as exporters say "unlimited" so.
func (e *Exhaustion) Usable(limit float64) bool {
	return !math.IsNaN(limit) && !math.IsInf(limit, 0) && (limit != 0 || e.Direction == "falling")
}

// Budget makes a task's series error ratios, of which an objective allows some within a rolling window.
type Budget struct {
	Objective float64        `yaml:"objective"` // such as 0.999
	Window    model.Duration `yaml:"window"`
}

// ExhaustionAlert fires while the limit is reached within Within with at least Probability.
type ExhaustionAlert struct {
	Within      model.Duration `yaml:"within"`
	Probability float64        `yaml:"probability"`
	For         model.Duration `yaml:"for,omitempty"`
	Severity    string         `yaml:"severity,omitempty"`
}

// Threshold is a value that a task's series should not cross; Above or Below, or both, are set.
type Threshold struct {
	Above *float64 `yaml:"above,omitempty"`
	Below *float64 `yaml:"below,omitempty"`
}

// Alert are the settings of the anomaly and threshold alerts of a task; without it, none are generated.
type Alert struct {
	Severity      string         `yaml:"severity,omitempty"`
	For           model.Duration `yaml:"for,omitempty"`
	KeepFiringFor model.Duration `yaml:"keep_firing_for,omitempty"`
	GroupRatio    float64        `yaml:"group_ratio,omitempty"` // share of a group's series above 1 at which the group alert fires
}

// Queries returns how many queries one evaluation of a task asks.
func Queries(t *Task) int {
	if t.Exhaustion != nil && t.Exhaustion.LimitExpr != "" {
		return 2
	}
	return 1
}
