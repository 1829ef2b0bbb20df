package rules

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
)

// labelThreshold tells the alerts on a task's two thresholds apart.
const labelThreshold = "task_threshold"

// readAhead is how far a threshold alert reads ahead where a task names no horizons.
const readAhead = 6 * time.Hour

// thresholdAlerts gives, for each threshold, the alert on its being crossed and the one that it will be, which the first
// silences. The first asks the source, so that it works without Foresight.
func thresholdAlerts(s *scope) ([]alert, error) {
	if s.Threshold == nil || s.Alert == nil {
		return nil, nil
	}
	var out []alert
	for _, side := range []struct {
		name, op, extreme string
		value             *float64
	}{{"above", ">", "max", s.Threshold.Above}, {"below", "<", "min", s.Threshold.Below}} {
		if side.value == nil {
			continue
		}
		if err := finite("threshold: "+side.name, *side.value); err != nil {
			return nil, err
		}
		t := threshold{scope: s, side: side.name, op: side.op, extreme: side.extreme, value: *side.value}
		crossed, err := t.crossed()
		if err != nil {
			return nil, err
		}
		out = append(out, crossed)
		switch {
		case s.lookahead && s.Exports(board.GroupExpected):
			out = append(out, t.readAhead())
		case len(s.Horizons) > 0 && s.Exports(board.GroupForecast):
			out = append(out, t.predicted())
		}
	}
	return out, nil
}

type threshold struct {
	*scope
	side, op, extreme string
	value             float64
}

func (t *threshold) condition() string { return " " + t.op + " " + number(t.value) }

func (t *threshold) alert(kind string, ours bool) alert {
	a := alert{
		kind: kind, wait: t.Alert.For, keep: t.keep(t.Alert.For), severity: t.Alert.Severity,
		labels: t.labels(ours), variables: t.identity.define(), page: t.identity.page(t.Name, ours),
	}
	a.labels[labelThreshold] = t.side
	return a
}

func (t *threshold) crossed() (alert, error) {
	e, err := promqlParser().ParseExpr(t.Expr)
	if err != nil {
		return alert{}, fmt.Errorf("expr: %w", err)
	}
	expr := e.String() // without comments, which would swallow what follows
	switch e.Type() {
	case parser.ValueTypeVector:
		if _, plain := e.(*parser.VectorSelector); !plain {
			expr = "(" + expr + ")"
		}
	case parser.ValueTypeScalar:
		expr = "vector(" + expr + ")"
	default:
		return alert{}, errors.New("expr: it gives no vector")
	}
	a := t.alert(thresholdCrossed, false)
	a.expr = expr + t.condition()
	a.summary = t.subject(false) + " is " + t.side + " " + number(t.value) + "."
	a.detail = t.subject(false) + " is at {{ $value | humanize }}, " + t.side + " its threshold of " + number(t.value) + "."
	if m, ok := plainMetric(e); ok {
		a.trial = t.trial(&a, m, false, t.far(1), t.far(-1))
	}
	return a, nil
}

// predicted holds when the forecast at any horizon is beyond the threshold. It is one alert for all horizons, so that
// it stays the same while the crossing comes nearer.
func (t *threshold) predicted() alert {
	forecast := t.metric(board.Forecast)
	a := t.alert(thresholdPredicted, true)
	a.expr = t.extreme + " without (horizon) (" + selector(forecast) + ")" + t.condition()
	a.summary = t.subject(true) + " is forecast to go " + t.side + " " + number(t.value) + "."
	a.detail = t.subject(true) + " is forecast to reach {{ $value | humanize }}, " + t.side + " its threshold of " + number(t.value) + "." +
		"{{ with " + t.identity.query(forecast, t.condition()) + " }} Beyond it in{{ range $i, $s := sortByLabel \"horizon\" . }}" +
		"{{ if $i }},{{ end }} {{ $s.Labels.horizon }} ({{ $s.Value | humanize }}){{ end }}.{{ end }}"
	a.trial = t.trial(&a, t.metric(board.Forecast, "horizon", t.Horizons[0].String()), true, t.far(1), t.far(-1), "horizon")
	return a
}

// readAhead holds when the expectation is beyond the threshold at any moment up to the longest horizon. It reads the
// future through remote read, with a negative offset. promtool has no future to try it on.
func (t *threshold) readAhead() alert {
	ahead := readAhead
	if len(t.Horizons) > 0 {
		ahead = time.Duration(t.Horizons[len(t.Horizons)-1])
	}
	expected := t.metric(board.Expected)
	step := max(time.Duration(t.Step), time.Minute)
	within := model.Duration(ahead).String()
	a := t.alert(thresholdPredicted, true)
	a.expr = fmt.Sprintf("%s_over_time(%s[%s:%s] offset -%s)%s",
		t.extreme, selector(expected), within, model.Duration(step), within, t.condition())
	a.summary = t.subject(true) + " is expected to go " + t.side + " " + number(t.value) + " within " + within + "."
	a.detail = t.subject(true) + " is expected to reach {{ $value | humanize }} within " + within + ", " + t.side +
		" its threshold of " + number(t.value) + "."
	return a
}

// far is a value well beyond (1) or well within (-1) the threshold.
func (t *threshold) far(way float64) float64 {
	if t.side == "below" {
		way = -way
	}
	v := t.value + way*(1+math.Abs(t.value)/2)
	return max(-math.MaxFloat64, min(math.MaxFloat64, v))
}

// plainMetric gives the labels of a series that an expression selects, where it is but a selector by equality.
func plainMetric(e parser.Expr) (labels.Labels, bool) {
	v, ok := e.(*parser.VectorSelector)
	if !ok || v.OriginalOffset != 0 || v.Timestamp != nil || v.StartOrEnd != 0 {
		return labels.EmptyLabels(), false
	}
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, m := range v.LabelMatchers {
		if m.Type != labels.MatchEqual {
			return labels.EmptyLabels(), false
		}
		b.Set(m.Name, m.Value)
	}
	l := b.Labels()
	return l, l.Has(model.MetricNameLabel)
}
