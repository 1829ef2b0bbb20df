package replay

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/foresight-exporter/foresight/internal/board"
)

// curves are what was expected ahead of each series, by its labels then.
type curves []curve

type curve struct {
	labels labels.Labels
	points []board.Point // of the moment and each step after it
}

// lookahead is how far an expression reads ahead, by negative offsets; 0: not at all.
func lookahead(expr parser.Expr) (ahead time.Duration) {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			ahead = max(ahead, -n.OriginalOffset)
		case *parser.SubqueryExpr:
			ahead = max(ahead, -n.OriginalOffset)
		}
		return nil
	})
	return ahead
}

// lookaheadOf is how far any of the rules reads ahead.
func lookaheadOf(rules []Rule) (ahead time.Duration) {
	for i := range rules {
		if expr, err := newParser().ParseExpr(rules[i].Expr); err == nil {
			ahead = max(ahead, lookahead(expr))
		}
	}
	return ahead
}

// readAhead evaluates an expression at each moment over the curves as they stood at that moment, so that no rule reads
// what was said later.
func (p *Played) readAhead(ctx context.Context, expr parser.Expr) vectors {
	engine := p.engine()
	return func(t int64) (promql.Vector, error) {
		return promrules.EngineQueryFunc(engine, p.asOf(p.index(t)))(ctx, expr.String(), time.UnixMilli(t))
	}
}

// asOf gives the curves as a store, as they stood at moment i.
func (p *Played) asOf(i int) *store {
	s := &store{}
	for _, c := range p.ahead[i-p.From] {
		for _, m := range []struct {
			metric board.Metric
			of     func(*board.Point) float64
		}{
			{board.Expected, func(x *board.Point) float64 { return x.Mean }},
			{board.ExpectedLower, func(x *board.Point) float64 { return x.Lower }},
			{board.ExpectedUpper, func(x *board.Point) float64 { return x.Upper }},
		} {
			var values []promql.FPoint
			for k := range c.points {
				if v := m.of(&c.points[k]); !math.IsNaN(v) {
					values = append(values, promql.FPoint{T: c.points[k].T, F: v})
				}
			}
			s.add(named(c.labels, m.metric), values)
		}
	}
	s.sort()
	return s
}
