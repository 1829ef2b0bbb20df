package replay

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// curves are what was expected ahead, by moment at which it was said; nil where nothing was.
type curves []*curve

// curve is the expectation and its interval, for the moment and each step after it.
type curve struct{ expected, lower, upper []float64 }

func newCurve(now models.Assessment, ahead []models.Forecast) *curve {
	c := &curve{expected: []float64{now.Expected}, lower: []float64{now.Lower}, upper: []float64{now.Upper}}
	for _, f := range ahead {
		c.expected, c.lower, c.upper = append(c.expected, f.Mean), append(c.lower, f.Lower[0]), append(c.upper, f.Upper[0])
	}
	return c
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

// leadsAhead are the steps up to where the rules read ahead.
func leadsAhead(rules []Rule, step time.Duration) []time.Duration {
	var ahead time.Duration
	for i := range rules {
		if expr, err := newParser().ParseExpr(rules[i].Expr); err == nil {
			ahead = max(ahead, lookahead(expr))
		}
	}
	var out []time.Duration
	for lead := step; lead <= ahead; lead += step {
		out = append(out, lead)
	}
	return out
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
	for n, one := range p.ahead {
		c := one[i-p.From]
		if c == nil {
			continue
		}
		for _, m := range []struct {
			metric board.Metric
			values []float64
		}{{board.Expected, c.expected}, {board.ExpectedLower, c.lower}, {board.ExpectedUpper, c.upper}} {
			s.add(named(p.Series[n].Labels, m.metric), present(p.at(i), p.Step, m.values))
		}
	}
	s.sort()
	return s
}
