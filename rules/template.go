package rules

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// text makes any string part of a template that expands to it.
func text(s string) string {
	if strings.Contains(s, "{") {
		return "{{ " + strconv.Quote(s) + " }}"
	}
	return s
}

// identity is the set of labels that tell a task's series apart, as far as it is known before there are series.
type identity struct {
	names []string
	known bool
}

// identify takes a task's `by`, else what its expression's outermost aggregation keeps.
func identify(t *config.Task) identity {
	if t.By != nil {
		return identity{names: t.By, known: true}
	}
	e, err := promqlParser().ParseExpr(t.Expr)
	if err != nil {
		return identity{}
	}
	names, known := keptLabels(e)
	return identity{names: names, known: known}
}

// keptLabels gives the labels that the result of an expression can have.
func keptLabels(e parser.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return keptLabels(e.Expr)
	case *parser.AggregateExpr:
		switch e.Op {
		case parser.SUM, parser.AVG, parser.MAX, parser.MIN, parser.COUNT, parser.STDDEV, parser.STDVAR, parser.QUANTILE, parser.GROUP:
			return slices.Clone(e.Grouping), !e.Without
		}
	case *parser.BinaryExpr:
		left, right := e.LHS.Type() == parser.ValueTypeVector, e.RHS.Type() == parser.ValueTypeVector
		switch {
		case left && !right:
			return keptLabels(e.LHS)
		case right && !left:
			return keptLabels(e.RHS)
		case e.VectorMatching != nil && e.VectorMatching.Card == parser.CardOneToOne && e.VectorMatching.On:
			return slices.Clone(e.VectorMatching.MatchingLabels), true
		case e.VectorMatching != nil && e.VectorMatching.Card == parser.CardOneToOne && len(e.VectorMatching.MatchingLabels) == 0:
			return keptLabels(e.LHS)
		}
	case *parser.Call:
		if e.Func.Name == "histogram_quantile" {
			names, known := keptLabels(e.Args[1])
			return slices.DeleteFunc(names, func(n string) bool { return n == model.BucketLabel }), known
		}
	}
	return nil, false
}

// define is a template to begin with: it sets $series where the identity is known only once there is a series.
func (id identity) define() string {
	if id.known {
		return ""
	}
	return `{{ $series := "" }}{{ range $k, $v := $labels }}{{ if not (match ` + "`" + notIdentity + "`" + ` $k) }}` +
		`{{ if match "^[a-zA-Z_][a-zA-Z0-9_]*$" $k }}{{ $series = printf "%s%s=%q," $series $k $v }}` +
		`{{ else }}{{ $series = printf "%s%q=%q," $series $k $v }}{{ end }}{{ end }}{{ end }}` +
		`{{ $series = reReplaceAll ",$" "" $series }}`
}

// notIdentity matches the labels that are no part of an unknown identity.
const notIdentity = "^(__name__|task|horizon|probability|within)$"

// printf gives the format and the arguments of a template's printf for the identity as it stands in a PromQL selector,
// such as instance="a",mountpoint="/". The labels are those of a metric of Foresight, else of the task's own expression.
func (id identity) printf(ours bool) (format, args string) {
	if !id.known {
		return "%s", " $series"
	}
	for i, name := range id.names {
		if i > 0 {
			format += ","
		}
		format += literal(selectorName(name)) + "=%q"
		if ours {
			name = board.ExportedLabel(name)
		}
		args += " " + reference(name)
	}
	return format, args
}

// none tells that the task has but one series, which no labels tell apart.
func (id identity) none() bool { return id.known && len(id.names) == 0 }

// show is a template that expands to the identity, after [identity.define]; "" where there is none.
func (id identity) show(ours bool) string {
	if id.none() {
		return ""
	}
	if !id.known {
		return "{{ $series }}"
	}
	format, args := id.printf(ours)
	return "{{ printf " + quote(format) + args + " }}"
}

// query is a template for the head of a `with`: what one of Foresight's metrics has for the series alerted on, compared
// as the condition says where it is not empty.
func (id identity) query(metric labels.Labels, condition string) string {
	if id.none() {
		return quote(selector(metric)+condition) + " | query"
	}
	format, args := id.printf(true)
	format = literal(strings.TrimSuffix(selector(metric), "}")) + "," + format + "}" + literal(condition)
	return "printf " + quote(format) + args + " | query"
}

// literal is text in a format.
func literal(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// page is a template for the path of a page of the series.
func (id identity) page(task string, ours bool) string {
	path := "/series?task=" + url.QueryEscape(task)
	if !id.known {
		return path + "{{ range $k, $v := $labels }}{{ if not (match `" + notIdentity + "` $k) }}" +
			"&{{ $k | urlquery }}={{ $v | urlquery }}{{ end }}{{ end }}"
	}
	for _, name := range id.names {
		path += "&" + url.QueryEscape(board.ExportedLabel(name)) + "="
		if ours {
			name = board.ExportedLabel(name)
		}
		path += "{{ " + reference(name) + " | urlquery }}"
	}
	return path
}

// reference is a label's value in a template.
func reference(name string) string {
	if model.LegacyValidation.IsValidLabelName(name) {
		return "$labels." + name
	}
	return "(index $labels " + quote(name) + ")"
}

// selectorName is a label's name in PromQL, quoted where it has to be.
func selectorName(name string) string {
	if model.LegacyValidation.IsValidLabelName(name) {
		return name
	}
	return quote(name)
}

// selector is a metric with its labels in PromQL. The name of the metric is a plain one.
func selector(metric labels.Labels) string {
	name := metric.Get(model.MetricNameLabel)
	return name + metric.MatchLabels(false, model.MetricNameLabel).StringNoSpace()
}

// metric gives labels of one of Foresight's metrics, from pairs of names and values.
func metric(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}

func quote(s string) string { return strconv.Quote(s) }

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// finite refuses numbers that an expression compares with in vain.
func finite(field string, v float64) error {
	if v != v || v-v != 0 {
		return fmt.Errorf("%s: %v is not a finite number", field, v)
	}
	return nil
}
