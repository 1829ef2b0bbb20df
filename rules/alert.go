package rules

import (
	"maps"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/foresight-exporter/foresight/internal/config"
)

// The kinds of alerts: with the prefix before them, their names.
const (
	exhaustionPredicted   = "ExhaustionPredicted"
	limitReached          = "LimitReached"
	thresholdPredicted    = "ThresholdPredicted"
	thresholdCrossed      = "ThresholdCrossed"
	anomaly               = "Anomaly"
	groupAnomaly          = "GroupAnomaly"
	outlier               = "Outlier"
	taskStale             = "TaskStale"
	coverageOff           = "CoverageOff"
	seriesDropped         = "SeriesDropped"
	down                  = "Down"
	sourceUnreachable     = "SourceUnreachable"
	configurationRejected = "ConfigurationRejected"
	stateNotSaved         = "StateNotSaved"
	clockOff              = "ClockOff"
	sourceWarns           = "SourceWarns"
	labelsRefused         = "LabelsRefused"
)

// Labels that generated rules add, so that Alertmanager can tell which alerts speak of the same thing without knowing
// the tasks' labels.
const (
	labelSeries = "task_series" // identity of the series within its task
	labelGroup  = "task_group"  // labels of the group that the series belongs to
)

// Alerts gives the names of all alerts that can be generated with a prefix.
func Alerts(prefix string) []string {
	kinds := []string{
		exhaustionPredicted, limitReached, thresholdPredicted, thresholdCrossed, anomaly, groupAnomaly, outlier,
		taskStale, coverageOff, seriesDropped, down, sourceUnreachable, configurationRejected,
		stateNotSaved, clockOff, sourceWarns, labelsRefused,
	}
	for i := range kinds {
		kinds[i] = prefix + kinds[i]
	}
	return kinds
}

// alert is one alerting rule before it is written. Strings that are templates hold no text of the configuration but
// what went through [text].
type alert struct {
	kind      string
	expr      string
	wait      model.Duration    // `for`
	keep      model.Duration    // `keep_firing_for`
	severity  string            // as configured; "": warning
	labels    map[string]string // templates
	summary   string            // template
	detail    string            // template of the description
	page      string            // template: path of the page that shows it; "": none
	variables string            // template that defines what the others use

	trial *trial // how to try it; nil: it can't be
}

func (a *alert) rule(s *config.Rules) rulefmt.Rule {
	l := map[string]string{"severity": text(a.severity)}
	if a.severity == "" {
		l["severity"] = "warning"
	}
	for name, value := range s.Labels {
		l[name] = text(value)
	}
	maps.Copy(l, a.labels)
	description := a.variables + a.detail
	if s.PageURL != "" && a.page != "" {
		description += " See " + text(strings.TrimSuffix(s.PageURL, "/")) + a.page
	}
	return rulefmt.Rule{
		Alert: s.Prefix + a.kind, Expr: a.expr, For: a.wait, KeepFiringFor: a.keep, Labels: l,
		Annotations: map[string]string{
			"summary": a.variables + a.summary, "description": description, "runbook_url": runbook(s, a.kind),
		},
	}
}

func runbook(s *config.Rules, kind string) string {
	if s.RunbookURL == "" {
		return defaultRunbooks + DefaultPrefix + kind + ".md"
	}
	return text(s.RunbookURL + s.Prefix + kind)
}

// trial says on which series an alert fires, for its unit test.
type trial struct {
	inputs []input
	onset  int           // minutes after which the expression holds; without `for`
	over   int           // minutes after which it holds no more
	result labels.Labels // of the element that the expression gives
}

// input is one series of a trial, one value a minute in the notation of promtool.
type input struct {
	metric labels.Labels
	values string
}
