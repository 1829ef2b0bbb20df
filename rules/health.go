package rules

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// healthAlerts tell when a task's numbers are not to be relied on: each stands once for all tasks, whose label tells
// them apart.
func healthAlerts(tasks []*config.Task) []alert {
	if len(tasks) == 0 {
		return nil
	}
	return []alert{stale(tasks), tooNarrow(tasks), dropping(tasks), warning(tasks)}
}

const (
	theTask = "task {{ $labels.task }}"
	ofTask  = "Task {{ $labels.task }}"
)

// stale fires when the last success is old; there was none yet where its time is 0.
func stale(tasks []*config.Task) alert {
	ageOf := func(t *config.Task) float64 {
		return max(10*time.Minute, 3*time.Duration(t.EvaluationInterval)).Seconds()
	}
	const never = "{{ if gt $value 1e9 }}"
	last := metric(board.TaskLastSuccess.Name, "task", tasks[0].Name)
	a := alert{
		kind: taskStale, wait: model.Duration(5 * time.Minute),
		expr:    beyond(tasks, "time() - "+board.TaskLastSuccess.Name, ">", ageOf),
		summary: ofTask + " has not been evaluated " + never + "yet{{ else }}for {{ $value | humanizeDuration }}{{ end }}.",
		detail: never + ofTask + " was never evaluated successfully.{{ else }}The last successful evaluation of " + theTask +
			" is {{ $value | humanizeDuration }} ago: its forecasts, scores and predictions are old.{{ end }}",
		page: "/",
	}
	old := minutes(model.Duration(ageOf(tasks[0])*float64(time.Second))) + 1 // when it has become old
	up := old + minutes(a.wait) + 10
	a.trial = &trial{
		inputs: []input{
			{firing(last), hold(0, up)},
			{quiet(last), fmt.Sprintf("0+60x%d", up+30)},
		},
		onset:  old,
		over:   up + 5, // the series ends and is looked back at for 5 minutes
		result: firing(last).MatchLabels(false, model.MetricNameLabel),
	}
	return a
}

// tooNarrow fires when the intervals hold far fewer samples than they promise, so that scores and probabilities promise
// too much as well.
func tooNarrow(tasks []*config.Task) alert {
	leastOf := func(t *config.Task) float64 {
		slack := min(0.1, 2*(1-t.Level))
		return math.Round((t.Level-slack)*1e6) / 1e6
	}
	coverage := metric(board.TaskCoverage.Name, "task", tasks[0].Name, "horizon", "1h")
	a := alert{
		kind: coverageOff, wait: model.Duration(time.Hour), keep: model.Duration(time.Hour),
		expr:    beyond(tasks, board.TaskCoverage.Name, "<", leastOf),
		summary: "The prediction intervals of " + theTask + " are too narrow.",
		detail: "{{ $value | humanizePercentage }} of the samples of " + theTask + " fell inside its intervals {{ $labels.horizon }} ahead, " +
			"fewer than these promise: its alerts are less reliable than they claim.",
		page: "/",
	}
	a.trial = onOf(&a, coverage, leastOf(tasks[0])-0.1, 1)
	return a
}

func dropping(tasks []*config.Task) alert {
	a := alert{
		kind: seriesDropped, wait: model.Duration(15 * time.Minute), keep: model.Duration(15 * time.Minute),
		expr:    board.TaskDroppedSeries.Name + " > 0",
		summary: ofTask + " leaves out {{ $value }} series.",
		detail:  "{{ $value }} series of " + theTask + " are left out because of series_limit or exported_series_limit.",
		page:    "/",
	}
	a.trial = onOf(&a, metric(board.TaskDroppedSeries.Name, "task", tasks[0].Name), 3, 0)
	return a
}

// beyond compares an expression, which ends with the name of a metric, with what each task allows. What most tasks allow
// holds for those that are not named too.
func beyond(tasks []*config.Task, expr, comparison string, allows func(*config.Task) float64) string {
	byValue := map[float64][]string{}
	for _, t := range tasks {
		byValue[allows(t)] = append(byValue[allows(t)], regexp.QuoteMeta(t.Name))
	}
	values := slices.SortedFunc(maps.Keys(byValue), func(a, b float64) int {
		return cmp.Or(cmp.Compare(len(byValue[b]), len(byValue[a])), cmp.Compare(a, b))
	})
	var named, parts []string
	for _, v := range values[1:] {
		of := labels.MustNewMatcher(labels.MatchRegexp, "task", strings.Join(byValue[v], "|"))
		named = append(named, byValue[v]...)
		parts = append(parts, fmt.Sprintf("%s{%s} %s %s", expr, of, comparison, number(v)))
	}
	others := ""
	if len(named) > 0 {
		others = "{" + labels.MustNewMatcher(labels.MatchNotRegexp, "task", strings.Join(named, "|")).String() + "}"
	}
	return strings.Join(append([]string{fmt.Sprintf("%s%s %s %s", expr, others, comparison, number(values[0]))}, parts...), " or ")
}

// onOf tries an alert with one Foresight for which its expression holds for a while and another for which it never does.
func onOf(a *alert, m labels.Labels, active, calm float64) *trial {
	up, after := minutes(a.wait)+10, minutes(a.keep)+20
	return &trial{
		inputs: []input{
			{firing(m), hold(active, up) + " " + hold(calm, after)},
			{quiet(m), hold(calm, up+after)},
		},
		over: up, result: firing(m).MatchLabels(false, model.MetricNameLabel),
	}
}

// metaAlerts are on Foresight itself.
func metaAlerts() []alert {
	up, build := metric("up", "job", "foresight"), metric("foresight_build_info", "job", "foresight", "version", "1")
	instance := firing(up).MatchLabels(false, model.MetricNameLabel)
	return []alert{
		{
			kind: down, wait: model.Duration(5 * time.Minute), keep: model.Duration(5 * time.Minute),
			expr:    "(up == 0 and on (job, instance) last_over_time(foresight_build_info[1d])) or on () absent(foresight_build_info)",
			summary: "Foresight is down.",
			detail: "{{ with $labels.instance }}Foresight at {{ . }} is not answering scrapes{{ else }}No Foresight is scraped{{ end }}: " +
				"there are no forecasts, and no alerts that rest on them.",
			trial: &trial{
				inputs: []input{
					{firing(up), hold(1, 5) + " " + hold(0, 15) + " " + hold(1, 30)},
					{firing(build), hold(1, 5) + " stale _x14 " + hold(1, 30)},
					{quiet(up), hold(1, 50)},
					{quiet(build), hold(1, 50)},
				},
				onset: 5, over: 20, result: instance,
			},
		},
		flagAlert(sourceUnreachable, 10*time.Minute, board.Prefix+"source_up",
			"Foresight can't read its source.",
			"Queries to the source of Foresight fail: its forecasts, scores and predictions are getting old."),
		flagAlert(configurationRejected, 5*time.Minute, board.Prefix+"config_last_reload_successful",
			"Foresight has rejected its configuration.",
			"The last reload of Foresight's configuration failed, and it goes on with the one before. Its log says why, and so does foresight check."),
		notSaving(), clocks(), refusing(),
	}
}

// flagAlert fires while a metric of Foresight's that should be 1 is 0.
func flagAlert(kind string, wait time.Duration, name, summary, detail string) alert {
	m := metric(name, "job", "foresight")
	w := model.Duration(wait)
	return alert{
		kind: kind, wait: w, keep: w, expr: name + " == 0", summary: summary, detail: detail, page: "/",
		trial: &trial{
			inputs: []input{
				{firing(m), hold(0, minutes(w)+10) + " " + hold(1, minutes(w)+20)},
				{quiet(m), hold(1, 2*minutes(w)+30)},
			},
			over: minutes(w) + 10, result: firing(m).MatchLabels(false, model.MetricNameLabel),
		},
	}
}

// firing and quiet are two instances of Foresight.
func firing(m labels.Labels) labels.Labels {
	return labels.NewBuilder(m).Set(model.InstanceLabel, "a").Labels()
}

func quiet(m labels.Labels) labels.Labels {
	return labels.NewBuilder(m).Set(model.InstanceLabel, "b").Labels()
}
