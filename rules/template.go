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

// ownLabels are those that Foresight adds to series; a source's label of that name is exported as exported_<name>.
var ownLabels = [...]string{"task", "horizon", "probability", "within", "model", "season", "state"}

func exported(name string) string {
	if slices.Contains(ownLabels[:], name) {
		return model.ExportedLabelPrefix + name
	}
	return name
}

// define gives a template that sets $series to the identity as it stands in a PromQL selector, such as
// instance="a",mountpoint="/". The labels are those of a metric of Foresight, else of the task's own expression.
func (id identity) define(ours bool) string {
	if id.known {
		if len(id.names) == 0 {
			return ""
		}
		var format, args strings.Builder
		for i, name := range id.names {
			if i > 0 {
				format.WriteByte(',')
			}
			format.WriteString(strings.ReplaceAll(selectorName(name), "%", "%%") + "=%q")
			if ours {
				name = exported(name)
			}
			args.WriteString(" " + reference(name))
		}
		return "{{ $series := printf " + quote(format.String()) + args.String() + " }}"
	}
	return `{{ $series := "" }}{{ range $k, $v := $labels }}{{ if not (match ` + "`" + notIdentity + "`" + ` $k) }}` +
		`{{ if match "^[a-zA-Z_][a-zA-Z0-9_]*$" $k }}{{ $series = printf "%s%s=%q," $series $k $v }}` +
		`{{ else }}{{ $series = printf "%s%q=%q," $series $k $v }}{{ end }}{{ end }}{{ end }}` +
		`{{ $series = reReplaceAll ",$" "" $series }}`
}

// notIdentity matches the labels that are no part of an unknown identity.
const notIdentity = "^(__name__|task|horizon|probability|within)$"

// show is a template that expands to the identity, after [identity.define]; "" where there is but one series.
func (id identity) show() string {
	if id.known && len(id.names) == 0 {
		return ""
	}
	return "{{ $series }}"
}

// query is a template for the head of a `with`: what one of Foresight's metrics has for the series alerted on, compared
// as the condition says where it is not empty.
func (id identity) query(metric labels.Labels, condition string) string {
	selector := strings.TrimSuffix(selector(metric), "}")
	if id.show() == "" {
		return quote(selector+"}"+condition) + " | query"
	}
	return "printf " + quote("%s,%s}%s") + " " + quote(selector) + " $series " + quote(condition) + " | query"
}

// page is a template for the path of a page of the series.
func (id identity) page(task string, ours bool) string {
	path := "/series?task=" + url.QueryEscape(task)
	if !id.known {
		return path + "{{ range $k, $v := $labels }}{{ if not (match `" + notIdentity + "` $k) }}" +
			"&{{ $k | urlquery }}={{ $v | urlquery }}{{ end }}{{ end }}"
	}
	for _, name := range id.names {
		path += "&" + url.QueryEscape(exported(name)) + "="
		if ours {
			name = exported(name)
		}
		path += "{{ " + reference(name) + " | urlquery }}"
	}
	return path
}

// value is what the template of [identity.define] gives for the labels; the caller takes out what is no identity.
func (id identity) value(l labels.Labels) string {
	var parts []string
	if id.known {
		for _, name := range id.names {
			parts = append(parts, selectorName(name)+"="+quote(l.Get(exported(name))))
		}
	} else {
		l.Range(func(l labels.Label) { parts = append(parts, selectorName(l.Name)+"="+quote(l.Value)) })
	}
	return strings.Join(parts, ",")
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
