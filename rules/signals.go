package rules

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// The alerts on what Foresight counts: what it lives with, and somebody should look at.

const lookBack = model.Duration(time.Hour)

// warning fires while the source goes on warning: its answers may be partial.
func warning(tasks []*config.Task) alert {
	const name = board.Prefix + "source_warnings_total"
	return onCount(alert{
		kind: sourceWarns, wait: model.Duration(30 * time.Minute), expr: "increase(" + name + "[1h]) > 0",
		summary: "The source warns about " + theTask + ".",
		detail: "The source answers " + theTask + " with warnings, or with what can't be used: its answers may be partial, and what is learnt of them too. " +
			"The log of Foresight has the text.",
		page: "/",
	}, metric(name, "task", tasks[0].Name))
}

func refusing() alert {
	const name = board.Prefix + "source_refused_labels_total"
	return onCount(alert{
		kind: labelsRefused, wait: model.Duration(15 * time.Minute), expr: "increase(" + name + "[1h]) > 0",
		summary: "Foresight leaves out labels of its source.",
		detail:  "The source has labels without a name, for which Prometheus would refuse the whole scrape: Foresight leaves them out.",
	}, metric(name, "job", "foresight"))
}

// clocks fires after a jump, and while the clock differs from the source's.
func clocks() alert {
	const jumps, offset = board.Prefix + "clock_jumps_total", board.Prefix + "source_clock_offset_seconds"
	return onCount(alert{
		kind: clockOff, wait: model.Duration(5 * time.Minute),
		expr:    fmt.Sprintf("increase(%s[1h]) > 0 or abs(%s) > 60", jumps, offset),
		summary: "The clock of Foresight or of its source is wrong.",
		detail: "A clock jumped, or those of Foresight and its source differ by more than a minute. Foresight goes by the source's, " +
			"but Prometheus and Alertmanager may go by another.",
	}, metric(jumps, "job", "foresight"))
}

// notSaving fires where nothing could be saved for an hour, or a part could not.
func notSaving() alert {
	const saved, failures = board.Prefix + "state_last_save_success_timestamp_seconds", board.Prefix + "state_save_failures_total"
	return onCount(alert{
		kind: stateNotSaved, wait: model.Duration(30 * time.Minute),
		expr:    fmt.Sprintf("increase(%s[1h]) > 0 or time() - %s > 3600 and %s > 0", failures, saved, saved),
		summary: "Foresight can't save what it has learnt.",
		detail:  "Foresight can't write to its storage path: with its next restart, what it has learnt since is lost.",
	}, metric(failures, "job", "foresight"))
}

// onCount tries an alert that looks back on a counter with one that counts for two hours, and another that does not.
func onCount(a alert, m labels.Labels) alert {
	const from, counts = 5, 120
	all := from + counts + minutes(lookBack) + 60
	a.trial = &trial{
		inputs: []input{
			{firing(m), fmt.Sprintf("%s 1+1x%d %s", hold(0, from), counts-1, hold(counts, all-from-counts))},
			{quiet(m), hold(7, all)},
		},
		onset: from, over: from + counts + minutes(lookBack), result: firing(m).MatchLabels(false, model.MetricNameLabel),
	}
	return a
}
