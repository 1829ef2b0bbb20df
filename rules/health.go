package rules

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// healthAlerts tell when a task's numbers are not to be relied on.
func healthAlerts(s *scope) ([]alert, error) {
	task := scope{Task: s.Task, identity: identity{known: true}}
	alerts := []alert{task.stale(), task.coverageOff(), task.seriesDropped()}
	for i := range alerts {
		alerts[i].labels = task.labels(true)
		delete(alerts[i].labels, labelGroup)
	}
	return alerts, nil
}

// stale fires when the last success is old; there was none yet where its time is 0.
func (s *scope) stale() alert {
	age := max(10*time.Minute, 3*time.Duration(s.EvaluationInterval))
	last := s.metric(board.TaskLastSuccess)
	const never = "{{ if gt $value 1e9 }}"
	a := alert{
		kind: taskStale, wait: model.Duration(5 * time.Minute),
		expr:    "time() - " + selector(last) + " > " + number(age.Seconds()),
		summary: "Task " + s.subject(true) + " has not been evaluated " + never + "yet{{ else }}for {{ $value | humanizeDuration }}{{ end }}.",
		detail: never + s.subject(true) + " was never evaluated successfully.{{ else }}The last successful evaluation of " + s.subject(true) +
			" is {{ $value | humanizeDuration }} ago: its forecasts, scores and predictions are old.{{ end }}",
		page: "/",
	}
	old := minutes(model.Duration(age)) + 1 // when it has become old
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

// coverageOff fires when the intervals hold far fewer samples than they promise, so that scores and probabilities
// promise too much as well.
func (s *scope) coverageOff() alert {
	slack := min(0.1, 2*(1-s.Level))
	least := math.Round((s.Level-slack)*1e6) / 1e6
	coverage := s.metric(board.TaskCoverage)
	a := alert{
		kind: coverageOff, wait: model.Duration(time.Hour), keep: model.Duration(time.Hour),
		expr:    selector(coverage) + " < " + number(least),
		summary: "The prediction intervals of task " + s.subject(true) + " are too narrow.",
		detail: "{{ $value | humanizePercentage }} of the samples of " + s.subject(true) + " fell inside intervals that promise " +
			percent(s.Level) + ": its alerts are less reliable than they claim.",
		page: "/",
	}
	a.trial = s.trial(&a, labels.NewBuilder(coverage).Set("horizon", "1h").Labels(), true, least-0.1, 1)
	a.trial.inputs = append(a.trial.inputs, input{
		labels.NewBuilder(coverage).Set("horizon", "2h").Labels(), hold(1, minutes(a.wait+a.keep)+30),
	})
	return a
}

func (s *scope) seriesDropped() alert {
	dropped := s.metric(board.TaskDroppedSeries)
	a := alert{
		kind: seriesDropped, wait: model.Duration(15 * time.Minute), keep: model.Duration(15 * time.Minute),
		expr:    selector(dropped) + " > 0",
		summary: "Task " + s.subject(true) + " leaves out {{ $value }} series.",
		detail:  "{{ $value }} series of " + s.subject(true) + " are left out because of series_limit or exported_series_limit.",
		page:    "/",
	}
	a.trial = s.trial(&a, firing(dropped), true, 3, 0)
	a.trial.inputs = append(a.trial.inputs, input{quiet(dropped), hold(0, minutes(a.wait+a.keep)+30)})
	return a
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
