package rules

import (
	"context"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"

	"github.com/foresight-exporter/foresight/internal/config"
)

// testFile is a file that `promtool test rules` reads.
type testFile struct {
	RuleFiles          []string   `yaml:"rule_files"`
	EvaluationInterval string     `yaml:"evaluation_interval"`
	Tests              []testCase `yaml:"tests"`
}

// testCase tries one rule. Alerts are looked at through the series ALERTS, so that their annotations, which depend on
// other series, need not be repeated.
type testCase struct {
	Name     string      `yaml:"name"`
	Interval string      `yaml:"interval"`
	Inputs   []inputCase `yaml:"input_series"`
	Exprs    []exprCase  `yaml:"promql_expr_test"`
}

type inputCase struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type exprCase struct {
	Expr    string       `yaml:"expr"`
	At      string       `yaml:"eval_time"`
	Samples []sampleCase `yaml:"exp_samples"`
}

type sampleCase struct {
	Labels string  `yaml:"labels"`
	Value  float64 `yaml:"value"`
}

// test gives the cases of one alert: silent while its condition has not held for long enough, firing for the one series
// for which it does, silent again after the recovery.
func (a *alert) test(s *config.Rules) (testCase, bool) {
	if a.trial == nil {
		return testCase{}, false
	}
	rule := a.rule(s)
	selected := []string{"alertname", rule.Alert, "alertstate", "firing"}
	for _, own := range []string{"task", "within", labelThreshold} {
		if v, ok := rule.Labels[own]; ok {
			selected = append(selected, own, expand(v, a.trial.result))
		}
	}
	fired := labels.NewBuilder(a.trial.result)
	for name, value := range rule.Labels {
		fired.Set(name, expand(value, a.trial.result))
	}
	fired.Set(model.MetricNameLabel, "ALERTS").Set("alertname", rule.Alert).Set("alertstate", "firing")

	c := testCase{Name: rule.Alert, Interval: "1m", Inputs: written(a.trial.inputs)}
	look := func(minute int, samples ...sampleCase) {
		c.Exprs = append(c.Exprs, exprCase{
			Expr: selector(metric("ALERTS", selected...)), At: strconv.Itoa(minute) + "m", Samples: samples,
		})
	}
	fires := a.trial.onset + minutes(rule.For)
	if before := fires - 2; before >= 0 {
		look(before)
	}
	look(fires+2, sampleCase{Labels: selector(fired.Labels()), Value: 1})
	look(a.trial.over + minutes(rule.KeepFiringFor) + 8)
	return c, true
}

func written(inputs []input) []inputCase {
	out := make([]inputCase, len(inputs))
	for i, in := range inputs {
		out[i] = inputCase{Series: seriesNotation(in.metric), Values: in.values}
	}
	return out
}

// seriesNotation is like [selector], for metrics of the source, whose names need not be plain.
func seriesNotation(m labels.Labels) string {
	name := m.Get(model.MetricNameLabel)
	if model.LegacyValidation.IsValidMetricName(name) {
		return selector(m)
	}
	rest := strings.TrimPrefix(m.MatchLabels(false, model.MetricNameLabel).StringNoSpace(), "{")
	if rest != "}" {
		rest = "," + rest
	}
	return "{" + quote(name) + rest
}

// expand gives what a rule's label is for an element with these labels.
func expand(text string, element labels.Labels) string {
	data := template.AlertTemplateData(element.Map(), nil, "", promql.Sample{})
	x := template.NewTemplateExpander(context.Background(), "{{$labels := .Labels}}"+text, "", data, model.Time(0), nil, nil, nil)
	out, err := x.Expand()
	if err != nil {
		return err.Error()
	}
	return out
}
