package rules_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/rules"
)

// FuzzGenerate puts any text wherever a configuration or a series can have one. What is generated parses, asks for
// nothing but the task, and its templates expand to that text as it is.
func FuzzGenerate(f *testing.F) {
	f.Add("disk", "instance", "a:9100", "warning", "team", 0.5)
	f.Add(`x"} or vector(1) # {{ query "up" }}`, `a"b`, "`}}\n", `{{ $labels.task }}`, "{{ .Value }}", -1e300)
	f.Add("{", "%q%", "{{", "a\nb: [", "é\u2028", 5e-324)
	f.Add("task", "task", `"}`, "}}{{/*", "within", 1e21)
	f.Fuzz(func(t *testing.T, name, label, value, severity, text string, threshold float64) {
		c := hostile(name, label, severity, text, threshold)
		set, err := rules.Generate(c)
		if err != nil {
			return
		}
		for _, by := range [][]string{nil, {label}} {
			c.Tasks[0].By = by
			set, err = rules.Generate(c)
			require.NoError(t, err)
			for _, g := range set.RuleGroups(name) {
				for _, r := range g.Rules {
					checkRule(t, &r, name, severity, text, labels.FromStrings(label, value, "instance", value))
				}
			}
		}
		for _, format := range formats {
			files, err := set.Files(format, rules.Header{Version: text, From: name})
			require.NoError(t, err)
			for _, file := range files {
				require.NotContains(t, file.Name, "/")
				var v any
				require.NoError(t, yaml.Unmarshal(file.Data, &v), string(file.Data))
			}
		}
	})
}

func hostile(name, label, severity, text string, threshold float64) *config.Config {
	return &config.Config{
		Rules: config.Rules{Labels: map[string]string{"note": text}, RunbookURL: text, PageURL: text},
		Tasks: []*config.Task{{
			Name: name, Expr: "up", By: []string{label}, GroupBy: []string{label}, Level: 0.95, Outputs: board.Groups,
			Horizons:  []model.Duration{model.Duration(time.Hour)},
			Threshold: &config.Threshold{Above: &threshold, Below: &threshold},
			Exhaustion: &config.Exhaustion{Alerts: []config.ExhaustionAlert{
				{Within: model.Duration(time.Hour), Probability: 0.5, Severity: severity},
			}},
			Alert: &config.Alert{Severity: severity},
		}},
	}
}

// checkRule expands what a rule says for an element with the labels.
func checkRule(t *testing.T, r *rulefmt.Rule, name, severity, text string, element labels.Labels) {
	t.Helper()
	checkExpr(t, r.Expr, name)
	query := func(_ context.Context, q string, at time.Time) (promql.Vector, error) {
		checkExpr(t, q, name)
		return promql.Vector{{T: at.UnixMilli(), F: 1, Metric: element}}, nil
	}
	data := template.AlertTemplateData(element.Map(), nil, "", promql.Sample{F: 1})
	expand := func(text string) string {
		text = "{{$labels := .Labels}}{{$value := .Value}}" + text
		out, err := template.NewTemplateExpander(t.Context(), text, r.Alert, data, 0, query, nil, nil).Expand()
		require.NoError(t, err, text)
		return out
	}
	require.Equal(t, name, expand(r.Labels["task"]))
	require.Equal(t, text, expand(r.Labels["note"]))
	if !strings.Contains(r.Alert, "Task") && !strings.HasSuffix(r.Alert, "Off") && !strings.HasSuffix(r.Alert, "Dropped") && severity != "" {
		require.Equal(t, severity, expand(r.Labels["severity"]))
	}
	for _, v := range slices.Concat(slices.Collect(maps.Values(r.Labels)), slices.Collect(maps.Values(r.Annotations))) {
		expand(v)
	}
	require.Contains(t, expand(r.Annotations["summary"]), name)
}

// checkExpr has an expression parse and select nothing but the source's metric and the task's.
func checkExpr(t *testing.T, expr, task string) {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	require.NoError(t, err, expr)
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok && v.Name != "up" {
			require.True(t, strings.HasPrefix(v.Name, board.Prefix), expr)
			require.True(t, slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
				return m.Name == "task" && m.Type == labels.MatchEqual && m.Value == task
			}), expr)
		}
		return nil
	})
}
