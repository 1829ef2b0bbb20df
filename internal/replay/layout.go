package replay

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/models"
)

// layout says which column of a series holds what.
type layout struct {
	options  *models.Options
	columns  []columnName
	horizons []time.Duration
	levels   []float64
	ahead    []time.Duration // leads of the curves that rules read ahead

	score, expected, observed, forecast, exhaustion int // first column of each; -1: none
}

// columnName is one metric family, or one label value of it.
type columnName struct {
	metric       board.Metric
	label, value string
	wanted       bool // by a rule, or for a drawing
}

// of gives the labels under which it is exported for a series.
func (c *columnName) of(series labels.Labels) labels.Labels {
	b := labels.NewBuilder(series).Set(model.MetricNameLabel, c.metric.Name)
	if c.label != "" {
		b.Set(c.label, c.value)
	}
	return b.Labels()
}

func newLayout(t *config.Task, rules []Rule) *layout {
	l := &layout{
		options: t.ModelOptions(), levels: []float64{t.Level}, ahead: leadsAhead(rules, time.Duration(t.Step)),
		score: -1, expected: -1, observed: -1, forecast: -1, exhaustion: -1,
	}
	l.horizons = l.options.Horizons
	var selectors []*parser.VectorSelector
	for i := range rules {
		if expr, err := newParser().ParseExpr(rules[i].Expr); err == nil {
			selectors = append(selectors, selectorsOf(expr)...)
		}
	}
	add := func(first *int, label, value string, metrics ...board.Metric) {
		if *first < 0 {
			*first = len(l.columns)
		}
		for _, m := range metrics {
			c := columnName{metric: m, label: label, value: value, wanted: m == board.Expected}
			c.wanted = c.wanted || slices.ContainsFunc(selectors, c.selectedBy)
			l.columns = append(l.columns, c)
		}
	}
	if t.Exports(board.GroupExpected) {
		add(&l.expected, "", "", board.Expected, board.ExpectedLower, board.ExpectedUpper)
	}
	if t.Exports(board.GroupAnomaly) {
		add(&l.score, "", "", board.AnomalyScore, board.AnomalyDirection)
	}
	if t.Exports(board.GroupForecast) {
		for _, horizon := range l.horizons {
			add(&l.forecast, "horizon", model.Duration(horizon).String(), board.Forecast, board.ForecastLower, board.ForecastUpper)
		}
	}
	if t.Exhaustion != nil && t.Exports(board.GroupExhaustion) {
		for _, p := range []float64{0.1, 0.5, 0.9} {
			add(&l.exhaustion, "probability", strconv.FormatFloat(p, 'g', -1, 64), board.TimeToExhaustion)
		}
		for _, w := range t.Exhaustion.Within {
			add(&l.exhaustion, "within", w.String(), board.ExhaustionProbability)
		}
	}
	if t.Exports(board.GroupObserved) {
		add(&l.observed, "", "", board.Observed)
	}
	return l
}

// selectedBy tells whether a selector may select the column of some series.
func (c *columnName) selectedBy(v *parser.VectorSelector) bool {
	return !slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Name == model.MetricNameLabel && !m.Matches(c.metric.Name) || m.Name == c.label && !m.Matches(c.value)
	})
}

func (l *layout) wantsExhaustion() bool {
	return slices.ContainsFunc(l.columns, func(c columnName) bool { return c.wanted && c.metric.Group == board.GroupExhaustion })
}
