package rules

import (
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// aggregate is one recording rule with two values of what it reads and the value that it then records.
type aggregate struct {
	group        board.Group // wanted where a task exports it
	record, expr string
	inputs       []input
	own          []string // labels that the result has besides `task`
	value        float64
}

// aggregates are recording rules for what people plot of whole tasks.
func aggregates(tasks []*config.Task) Group {
	in := func(m board.Metric, v float64, pairs ...string) input {
		return input{metric(m.Name, append([]string{"task", "a"}, pairs...)...), hold(v, 5)}
	}
	g := Group{RuleGroup: rulefmt.RuleGroup{Name: "foresight aggregates"}}
	for _, a := range []aggregate{
		{
			board.GroupAlways, "task:foresight_series_ok:ratio",
			`sum by (task) (foresight_task_series{state="ok"}) / sum by (task) (foresight_task_series)`,
			[]input{in(board.TaskSeries, 3, "state", "ok"), in(board.TaskSeries, 1, "state", "gaps")},
			nil, 0.75,
		},
		{
			board.GroupAnomaly, "task:foresight_anomalous_series:ratio", "avg by (task) (foresight_anomaly_score > bool 1)",
			[]input{in(board.AnomalyScore, 3, "instance", "a"), in(board.AnomalyScore, 0.5, "instance", "b")},
			nil, 0.5,
		},
		{
			board.GroupAnomaly, "task:foresight_anomaly_score:max", "max by (task) (foresight_anomaly_score)",
			[]input{in(board.AnomalyScore, 3, "instance", "a"), in(board.AnomalyScore, 0.5, "instance", "b")},
			nil, 3,
		},
		{
			board.GroupExhaustion, "task_within:foresight_exhaustion_probability_ratio:max",
			"max by (task, within) (foresight_exhaustion_probability_ratio)",
			[]input{
				in(board.ExhaustionProbability, 0.75, "within", "4d", "instance", "a"),
				in(board.ExhaustionProbability, 0.5, "within", "4d", "instance", "b"),
			},
			[]string{"within", "4d"},
			0.75,
		},
		{
			board.GroupExhaustion, "task:foresight_time_to_exhaustion_seconds:min",
			`min by (task) (foresight_time_to_exhaustion_seconds{probability="0.5"})`,
			[]input{
				in(board.TimeToExhaustion, 7200, "probability", "0.5", "instance", "a"),
				in(board.TimeToExhaustion, 3600, "probability", "0.1", "instance", "a"),
			},
			nil, 7200,
		},
	} {
		if !slices.ContainsFunc(tasks, func(t *config.Task) bool { return t.Exports(a.group) }) {
			continue
		}
		g.Rules = append(g.Rules, rulefmt.Rule{Record: a.record, Expr: a.expr})
		g.cases = append(g.cases, testCase{
			Name: a.record, Interval: "1m", Inputs: written(a.inputs),
			Exprs: []exprCase{{Expr: a.record, At: "3m", Samples: []sampleCase{{
				Labels: selector(metric(a.record, append([]string{"task", "a"}, a.own...)...)), Value: a.value,
			}}}},
		})
	}
	return g
}
