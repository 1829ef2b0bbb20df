package config

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
)

// expression checks that a task can ask for an expression: PromQL, of an instant vector or a scalar, that does not
// select what Foresight itself exports.
func (p *problems) expression(at, text string) {
	if strings.TrimSpace(text) == "" {
		p.add(at, "missing")
		return
	}
	expr, err := parseExpr(text)
	if err != nil {
		p.add(at, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	switch expr.Type() {
	case parser.ValueTypeString:
		p.add(at, "gives a string; want numbers")
	case parser.ValueTypeMatrix:
		p.add(at, "gives ranges of samples; put a function such as rate() around it")
	}
	reported := false
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok && !reported && selectsOwn(s.LabelMatchers) {
			reported = true
			p.add(at, `%s selects foresight_*, what Foresight itself exports; exclude it with {__name__!~"foresight_.*"}`, s)
		}
		return nil
	})
}

// parseExpr reads PromQL. The source decides what it can evaluate, so experimental syntax is let through.
func parseExpr(text string) (parser.Expr, error) {
	return parser.NewParser(parser.Options{
		EnableExperimentalFunctions: true, ExperimentalDurationExpr: true,
		EnableExtendedRangeSelectors: true, EnableBinopFillModifiers: true,
	}).ParseExpr(text)
}

// selectsOwn tells whether matchers let through one of Foresight's metrics, by name.
func selectsOwn(matchers []*labels.Matcher) bool {
	var names []string
	for _, self := range []string{
		"build_info", "config_last_reload_successful", "config_last_reload_success_timestamp_seconds", "source_up",
		"source_queries_total", "source_query_failures_total", "source_query_duration_seconds_bucket",
		"source_query_duration_seconds_count", "source_query_duration_seconds_sum", "source_samples_read_total",
		"fit_duration_seconds_bucket", "fit_duration_seconds_count", "fit_duration_seconds_sum",
		"evaluation_duration_seconds_bucket", "evaluation_duration_seconds_count", "evaluation_duration_seconds_sum",
	} {
		names = append(names, board.Prefix+self)
	}
	for _, m := range slices.Concat(board.SeriesMetrics, board.TaskMetrics) {
		names = append(names, m.Name)
	}
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return strings.HasPrefix(m.Value, board.Prefix)
		}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool {
			return m.Name == model.MetricNameLabel && !m.Matches(name)
		})
	})
}
