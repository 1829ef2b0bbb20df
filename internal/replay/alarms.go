package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/source"
)

// Errors of rules that read what a replay does not produce.
var (
	errHealth      = errors.New("it is on Foresight's own health")
	errNotReplayed = errors.New("it reads a metric that a replay does not produce")
)

// alarm is one stretch of time for which an alert fired for one set of labels.
type alarm struct {
	labels labels.Labels
	span        // moments of the history
	open   bool // it still fired at the end
}

// alarms evaluates a rule at each moment, with the state that Prometheus's own rule manager keeps for `for` and
// `keep_firing_for`.
func (p *Played) alarms(ctx context.Context, src Source, r *Rule) ([]alarm, error) {
	expr, err := newParser().ParseExpr(r.Expr)
	if err != nil {
		return nil, err
	}
	at, err := p.results(ctx, src, r, expr)
	if err != nil {
		return nil, err
	}
	query := func(_ context.Context, q string, t time.Time) (promql.Vector, error) {
		if q != expr.String() {
			return nil, nil // asked by a label's template
		}
		return at(t.UnixMilli())
	}
	rule := promrules.NewAlertingRule(r.Alert, expr, time.Duration(r.For), time.Duration(r.KeepFiringFor),
		labels.FromMap(r.Labels), labels.EmptyLabels(), labels.EmptyLabels(), "", false, slog.New(slog.DiscardHandler))
	var out []alarm
	firing := map[uint64]int{} // index in out
	for i := p.From; i < p.Len; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, err := rule.Eval(ctx, 0, time.UnixMilli(p.at(i)), query, nil, 0); err != nil {
			return nil, err
		}
		still := map[uint64]int{}
		rule.ForEachActiveAlert(func(a *promrules.Alert) {
			if a.State != promrules.StateFiring {
				return
			}
			key := a.Labels.Hash()
			n, ok := firing[key]
			if !ok {
				n = len(out)
				out = append(out, alarm{labels: a.Labels, span: span{i, i}})
			}
			out[n].last = i
			still[key] = n
		})
		firing = still
	}
	for _, n := range firing {
		out[n].open = true
	}
	slices.SortStableFunc(out, func(a, b alarm) int {
		if a.first != b.first {
			return a.first - b.first
		}
		return labels.Compare(a.labels, b.labels)
	})
	return out, nil
}

// vectors gives an expression's result at ascending moments, Unix milliseconds.
type vectors func(t int64) (promql.Vector, error)

// results gives what a rule's expression gives at each moment: on Foresight's metrics by Prometheus's
// engine over what was played, on the task's threshold from its history, else from the source.
func (p *Played) results(ctx context.Context, src Source, r *Rule, expr parser.Expr) (vectors, error) {
	ours, foreign := false, false
	for _, name := range metricNames(expr) {
		switch {
		case p.exported.has(name):
			ours = true
		case slices.ContainsFunc(board.SeriesMetrics, func(m board.Metric) bool { return m.Name == name }):
			return nil, errNotReplayed
		case strings.HasPrefix(name, board.Prefix):
			return nil, errHealth
		default:
			foreign = true
		}
	}
	switch {
	case ours && foreign:
		return nil, errors.New("it mixes Foresight's metrics with the source's")
	case ours && lookahead(expr) > 0:
		return p.readAhead(ctx, expr), nil
	case ours:
		return p.evaluate(ctx, expr)
	case !r.Existing && (r.Truth == TruthAbove || r.Truth == TruthBelow):
		return p.beyond(r.Truth), nil
	}
	if src == nil {
		return nil, errors.New("it has to be asked of a source")
	}
	return p.ask(ctx, src, expr)
}

func selectorsOf(expr parser.Expr) []*parser.VectorSelector {
	var out []*parser.VectorSelector
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v)
		}
		return nil
	})
	return out
}

// metricNames are those that an expression selects; "" for a selector without one.
func metricNames(expr parser.Expr) []string {
	var names []string
	for _, v := range selectorsOf(expr) {
		name := v.Name
		for _, m := range v.LabelMatchers {
			if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
				name = m.Value
			}
		}
		names = append(names, name)
	}
	return names
}

// evaluate asks Prometheus's engine, with a lookback of one step, within which a live Foresight would go on exporting.
func (p *Played) evaluate(ctx context.Context, expr parser.Expr) (vectors, error) {
	step := time.Duration(p.Step) * time.Millisecond
	q, err := p.engine().NewRangeQuery(ctx, p.exported, nil, expr.String(), time.UnixMilli(p.at(p.From)), time.UnixMilli(p.end()), step)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	matrix, err := q.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	var c cursor
	for _, s := range matrix {
		one := track{labels: s.Metric.Copy()}
		for _, f := range s.Floats {
			one.samples = append(one.samples, source.Sample{T: f.T, V: f.F})
		}
		c.tracks = append(c.tracks, one)
	}
	return c.vector, nil
}

func (p *Played) engine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: math.MaxInt, Timeout: 24 * time.Hour, LookbackDelta: time.Duration(p.Step) * time.Millisecond,
		EnableAtModifier: true, EnableNegativeOffset: true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return p.Step }, Parser: newParser(),
	})
}

// beyond gives the history's values beyond the task's threshold.
func (p *Played) beyond(truth Truth) vectors {
	var c cursor
	for _, s := range p.Series {
		one := track{labels: s.Labels}
		for i, yes := range p.holds(s, truth) {
			if yes {
				one.samples = append(one.samples, source.Sample{T: p.at(i), V: s.Values[i]})
			}
		}
		c.tracks = append(c.tracks, one)
	}
	return c.vector
}

func (p *Played) ask(ctx context.Context, src Source, expr parser.Expr) (vectors, error) {
	index := map[uint64]int{}
	var c cursor
	_, err := src.Range(ctx, p.Task.Name, expr.String(), p.at(p.From), p.end(), time.Duration(p.Step)*time.Millisecond,
		func(ls labels.Labels, samples []source.Sample) error {
			c.add(index, ls, samples)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("asking the source: %w", err)
	}
	return c.vector, nil
}

func newParser() parser.Parser { return parser.NewParser(parser.Options{}) }
