package config

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
)

// doubts warns of what is valid but likely not meant.
func (p *problems) doubts(t *Task, at string) {
	if n := len(t.Horizons); n > 0 && t.Horizons[n-1] > t.History/3 {
		p.warn(at+".horizons", "%s is beyond a third of the history (%s): trust it little", t.Horizons[n-1], t.History)
	}
	if t.EvaluationInterval > t.Step {
		p.warn(at+".evaluation_interval", "%s is more than a step (%s): samples are seen late", t.EvaluationInterval, t.Step)
	}
	if t.History < minHistoryDuration {
		p.warn(at+".history", "%s is less than 1d, from which on series are forecast", t.History)
	}
	if t.Threshold != nil && t.Alert == nil {
		p.warn(at+".threshold", "has no effect without alert")
	}
	if len(t.GroupBy) > 0 && !slices.Contains(t.Outputs, board.GroupAnomaly) {
		p.warn(at+".group_by", "has no effect without %q in outputs", board.GroupAnomaly)
	}
	if name := bareCounter(t.Expr); name != "" {
		p.warn(at+".expr", "%s is a counter, which only grows: put rate() or increase() around it", name)
	}
	if t.Exhaustion != nil {
		p.doubtLimit(t, t.Exhaustion, at+".exhaustion")
	}
}

func (p *problems) doubtLimit(t *Task, e *Exhaustion, at string) {
	if len(e.Alerts) == 0 && t.Preset == "" {
		p.warn(at, "has no alerts: the numbers are exported, and nobody is told of them")
	}
	if e.Limit == nil {
		return
	}
	switch {
	case e.Direction == "rising" && *e.Limit == 0:
		p.warn(at+".limit", "0 is no limit for series that rise, as exporters say \"unlimited\" so; is direction: falling meant?")
	case e.Direction == "rising" && t.Maximum != nil && *e.Limit > *t.Maximum:
		p.warn(at+".limit", "%v is above the maximum (%v): it is never reached", *e.Limit, *t.Maximum)
	case e.Direction == "falling" && t.Minimum != nil && *e.Limit < *t.Minimum:
		p.warn(at+".limit", "%v is below the minimum (%v): it is never reached", *e.Limit, *t.Minimum)
	}
}

// bareCounter names a counter, by the ending of its name, whose growth an expression does not take; "" where there is none.
func bareCounter(expr string) (name string) {
	parsed, err := parseExpr(expr)
	if err != nil {
		return ""
	}
	parser.Inspect(parsed, func(n parser.Node, path []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok || name != "" || !strings.HasSuffix(s.Name, "_total") && !strings.HasSuffix(s.Name, "_bucket") {
			return nil
		}
		if !slices.ContainsFunc(path, takesGrowth) {
			name = s.Name
		}
		return nil
	})
	return name
}

// takesGrowth reports whether a part of an expression makes of a counter what does not only grow, or does not read its value.
func takesGrowth(n parser.Node) bool {
	switch n := n.(type) {
	case *parser.MatrixSelector, *parser.SubqueryExpr:
		return true
	case *parser.BinaryExpr:
		return n.Op == parser.SUB || n.Op.IsComparisonOperator() && n.ReturnBool // as in x - x offset 1h
	case *parser.AggregateExpr:
		return n.Op == parser.COUNT || n.Op == parser.GROUP || n.Op == parser.COUNT_VALUES
	case *parser.Call:
		return slices.Contains([]string{"absent", "timestamp"}, n.Func.Name)
	}
	return false
}
