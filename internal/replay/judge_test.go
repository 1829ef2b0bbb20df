package replay

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
)

const hour = time.Hour

// origin is where the histories of these tests begin.
var origin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// played gives a history of two weeks at a step of one hour, with what Foresight is to have said.
func played(t *testing.T, task *config.Task, values, limits, probability []float64) *Played {
	t.Helper()
	task.Name, task.Step = "t", model.Duration(hour)
	h := newHistory(task, origin.UnixMilli(), origin.Add(hour*time.Duration(len(values)-1)).UnixMilli())
	require.Equal(t, len(values), h.Len)
	ls := labels.FromStrings("task", "t", "instance", "a")
	h = historyOf(task, map[string][]float64{"a": values})
	p := &Played{History: h, Series: []*Series{{Labels: ls, Fixed: ls, Values: values, Limits: limits}}, exported: &store{}}
	withins := labels.NewBuilder(named(ls, board.ExhaustionProbability)).Set("within", "1d").Labels()
	p.exported.add(withins, present(h.Start, h.Step, probability))
	p.exported.add(named(ls, board.AnomalyScore), present(h.Start, h.Step, probability))
	p.exported.sort()
	return p
}

// steps are values that hold for some moments each.
func steps(pairs ...float64) (out []float64) {
	for i := 0; i < len(pairs); i += 2 {
		for range int(pairs[i+1]) {
			out = append(out, pairs[i])
		}
	}
	return out
}

func predicts(wait, keep time.Duration) Rule {
	return Rule{
		Rule: rulefmt.Rule{
			Alert: "Predicted", Expr: `foresight_exhaustion_probability_ratio{within="1d"} >= 0.5`,
			For: model.Duration(wait), KeepFiringFor: model.Duration(keep), Labels: map[string]string{"within": "1d", "at": "{{ $labels.instance }}"},
		},
		Truth: TruthLimit, Within: 24 * hour,
	}
}

func TestJudge(t *testing.T) {
	const week = 7 * 24
	nan := math.NaN()
	for name, tc := range map[string]struct {
		values, probability []float64
		rule                Rule
		want                Alert
	}{
		"came true": {
			values: steps(1, 100, 10, week-100), probability: steps(0, 80, 1, week-80), rule: predicts(2*hour, 0),
			want: Alert{Alarms: 1, HoursInAlarm: week - 82, CameTrue: 1, Precision: 1, Events: 1, LeadHours: 18},
		},
		"false": {
			values: steps(1, week), probability: steps(0, 80, 1, 10, 0, week-90), rule: predicts(2*hour, 0),
			want: Alert{Alarms: 1, HoursInAlarm: 8, False: 1, Precision: 0, LeadHours: Number(nan)},
		},
		"too short for `for`": {
			values: steps(1, week), probability: steps(0, 80, 1, 2, 0, week-82), rule: predicts(2*hour, 0),
			want: Alert{Precision: Number(nan), LeadHours: Number(nan)},
		},
		"kept firing over a break": {
			values: steps(1, week), probability: steps(0, 80, 1, 10, 0, 2, 1, 10, 0, week-102), rule: predicts(2*hour, 4*hour),
			want: Alert{Alarms: 1, HoursInAlarm: 24, False: 1, Precision: 0, LeadHours: Number(nan)},
		},
		"late and missed": {
			values: steps(1, 100, 10, week-100), probability: steps(0, 105, 1, week-105), rule: predicts(0, 0),
			want: Alert{Alarms: 1, HoursInAlarm: week - 105, Late: 1, Precision: Number(nan), Events: 1, Missed: 1, LeadHours: Number(nan)},
		},
		"before its time": { // the alarm ended more than a day before the event
			values: steps(1, 100, 10, week-100), probability: steps(0, 50, 1, 5, 0, week-55), rule: predicts(0, 0),
			want: Alert{Alarms: 1, HoursInAlarm: 5, False: 1, Events: 1, Missed: 1, LeadHours: Number(nan)},
		},
		"undecided": {
			values: steps(1, week), probability: steps(0, week-10, 1, 5, 0, 5), rule: predicts(0, 0),
			want: Alert{Alarms: 1, HoursInAlarm: 5, Undecided: 1, Precision: Number(nan), LeadHours: Number(nan)},
		},
		"one event over a gap and a short break": {
			values: steps(1, 100, 10, 5, nan, 30, 10, 5, 1, 3, 10, 5, 1, week-148), probability: steps(0, 90, 1, week-90), rule: predicts(0, 0),
			want: Alert{Alarms: 1, HoursInAlarm: week - 90, CameTrue: 1, Precision: 1, Events: 1, LeadHours: 10},
		},
		"not exported for a while": { // the alert ends and begins anew
			values: steps(1, week), probability: steps(0, 50, 1, 5, nan, 5, 1, 5, 0, week-65), rule: predicts(0, 0),
			want: Alert{Alarms: 2, HoursInAlarm: 10, False: 2, LeadHours: Number(nan)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			task := &config.Task{Exhaustion: &config.Exhaustion{}}
			p := played(t, task, tc.values, steps(5, float64(len(tc.values))), tc.probability)
			alerts, err := p.Try(t.Context(), nil, []Rule{tc.rule})
			require.NoError(t, err)
			require.Len(t, alerts, 1)
			got := alerts[0]
			require.Len(t, got.Examples, min(got.False, 3)+got.Missed)
			for _, e := range got.Examples {
				require.NotEmpty(t, e.Chart.SVG())
			}
			require.InDelta(t, float64(got.Alarms)*week/(week-1), got.AlarmsPerWeek, 1e-9)
			tc.want.Name, tc.want.Expr, tc.want.Predicts, tc.want.Within = "Predicted", tc.rule.Expr, TruthLimit, "1d"
			tc.want.Labels, tc.want.AlarmsPerWeek = map[string]string{"within": "1d"}, got.AlarmsPerWeek
			got.Examples, got.Strip = nil, nil
			requireSame(t, &tc.want, &got)
		})
	}
}

// requireSame compares numbers that may be NaN.
func requireSame(t *testing.T, want, got *Alert) {
	t.Helper()
	for _, pair := range [][2]*Number{{&want.Precision, &got.Precision}, {&want.LeadHours, &got.LeadHours}} {
		require.Equal(t, pair[0].text("%g"), pair[1].text("%g"))
		*pair[0], *pair[1] = 0, 0
	}
	require.Equal(t, want, got)
}

func TestTrySources(t *testing.T) {
	above := 5.0
	task := &config.Task{Threshold: &config.Threshold{Above: &above}, Horizons: []model.Duration{model.Duration(hour)}}
	p := played(t, task, steps(1, 100, 10, 68), nil, steps(0, 168))
	groups := []rulefmt.RuleGroup{{Rules: []rulefmt.Rule{
		{Alert: "Crossed", Expr: "node_load1 > 5", Labels: map[string]string{"task_threshold": "above"}},
		{Alert: "Predicted", Expr: "foresight_anomaly_score > 5", Labels: map[string]string{"task_threshold": "above"}},
		{Alert: "Health", Expr: "foresight_source_up == 0"},
		{Alert: "Outlier", Expr: "foresight_peer_score > 1"},
		{Record: "x", Expr: "foresight_anomaly_score"},
	}}}
	rules := Rules(task, groups)
	require.Len(t, rules, 4)
	rules = append(rules,
		Compare(rulefmt.Rule{Alert: "Mine", Expr: "rate(foo[5m]) > 1"}, rules),
		Compare(rulefmt.Rule{Alert: "Mixed", Expr: "foo * on () foresight_anomaly_score"}, rules))

	asked := sourceFunc(func(expr string, _, _ int64, step time.Duration, each func(labels.Labels, []source.Sample) error) error {
		require.Equal(t, "rate(foo[5m]) > 1", expr)
		require.Equal(t, hour, step)
		return each(labels.FromStrings("instance", "a", "job", "x"), []source.Sample{{T: origin.Add(99 * hour).UnixMilli(), V: 2}})
	})
	alerts, err := p.Try(t.Context(), asked, rules)
	require.NoError(t, err)
	require.Len(t, alerts, 5, "Foresight's health is left out")
	require.Equal(t, "it reads a metric that a replay does not produce", alerts[2].Left)
	alerts = slices.Delete(alerts, 2, 3)
	require.Equal(t, []int{1, 0, 1}, []int{alerts[0].Alarms, alerts[1].Alarms, alerts[2].Alarms})
	require.Equal(t, []Truth{TruthNone, TruthAbove, TruthAbove}, []Truth{alerts[0].Predicts, alerts[1].Predicts, alerts[2].Predicts})
	require.Equal(t, 1, alerts[1].Missed)
	require.Equal(t, 1, alerts[2].CameTrue)
	require.True(t, alerts[2].Existing)
	require.Equal(t, "it mixes Foresight's metrics with the source's", alerts[3].Left)

	gate := Gate{MaxAlarmsPerWeek: 0.5, MinPrecision: 0.5}
	report := p.Report(alerts)
	require.Equal(t, []string{`task "t": Crossed above: 1.01 alarms a week are more than 0.5`}, gate.Check(report))
	require.Empty(t, Gate{math.NaN(), math.NaN()}.Check(report))
}

type sourceFunc func(expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) error

func (f sourceFunc) Range(_ context.Context, _, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error) {
	return nil, f(expr, from, to, step, each)
}

func TestTrailingMedian(t *testing.T) {
	nan := math.NaN()
	require.Equal(t, []float64{1, 1.5, 2, 2.5, 5.5, 8.5}, trailingMedian([]float64{1, 2, 3, nan, 8, 9}, 2))
	require.Equal(t, []float64{1, 2}, trailingMedian([]float64{1, 2}, 0))
}
