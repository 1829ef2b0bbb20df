package main

import "github.com/foresight-exporter/foresight/internal/board"

const ofTask = `task="$task"`

// task shows one task: its series, its health and how far ahead it sees.
func task() dashboard {
	b := newBuilder(uidTask, "Foresight / Task", "One task: which of its series are unusual or run out, what is forecast, and how well the task does.",
		ofTask, timeRange{"now-1d", "now"})
	b.variable("task", "Task", "An entry of Foresight's configuration.", `label_values(`+board.TaskSeries.Name+`, task)`)
	b.variable("horizon", "Horizon", "How far ahead.", `label_values(`+sel(board.Forecast, ofTask)+`, horizon)`)

	b.row("Health")
	b.add(4, 4, stat("Series", "Series of the task, in whatever state.", "none", `sum(`+sel(board.TaskSeries, ofTask)+`)`))
	b.add(4, 4, stat("Not forecast", "Series that are not forecast; the panel beside it shows why.", "none",
		`sum(`+sel(board.TaskSeries, ofTask+`, state!~"ok|over_limit|constant|no_limit"`)+`)`).steps("green", at(1, "orange")))
	b.add(4, 4, stat("Left out", "Series left out because of series_limit or exported_series_limit.", "none",
		`max(`+sel(board.TaskDroppedSeries, ofTask)+`)`).steps("green", at(1, "red")))
	b.add(12, 8, graph("Series by state", "Every series is in exactly one state: ok, or the reason why it is not forecast. docs/metrics.md gives each its test.", "none",
		query{`sum by (state) (` + sel(board.TaskSeries, ofTask) + `) > 0`, "{{state}}"}).stacked().positive())
	b.add(4, 4, stat("Age", "How long ago the moment is that the task's numbers speak of. Up to a step and an evaluation interval is normal.", "s",
		`time() - max(`+sel(board.TaskOrigin, ofTask)+`)`).steps("green", at(900, "orange")))
	b.add(4, 4, stat("Since last success", "Time since the task was last evaluated without an error.", "s",
		`time() - max(`+sel(board.TaskLastSuccess, ofTask)+`)`).steps("green", at(900, "red")))
	b.add(4, 4, stat("Missed evaluations", "Evaluations of the last day that failed, or were left out because the one before was still running.", "none",
		`sum(increase(`+sel(board.TaskMissedEvaluations, ofTask)+`[1d]))`).steps("green", at(1, "orange")))

	b.row("What is unusual")
	b.add(12, 8, graph("Anomaly scores, highest 10", "Scores of the series that score highest. Above 1 is anomalous; the promise behind it is false_events_per_week.", "none",
		query{`topk(10, ` + sel(board.AnomalyScore, ofTask) + `)`, auto}).steps("transparent", at(1, "red")).line().positive())
	b.add(12, 8, graph("Share of anomalous series", "Share of all scored series above 1, and of each group where the task has group_by.", "percentunit",
		query{`avg(` + sel(board.AnomalyScore, ofTask) + ` > bool 1)`, "all"},
		query{`topk(10, ` + sel(board.AnomalousSeriesRatio, ofTask) + `)`, auto}).ratio())
	b.add(24, 8, table("Most unusual now", "The 20 series with the highest anomaly scores. Direction: 1 above the expectation, -1 below it. Peer: how unlike its siblings, where the task has group_by.",
		query{unusual(board.AnomalyScore, ofTask), "Score"},
		query{unusual(board.AnomalyDirection, ofTask), "Direction"},
		query{unusual(board.PeerScore, ofTask), "Peer"},
		query{unusual(board.Expected, ofTask), "Expected"},
	).column("Score", "none", at(1, "orange"), at(3, "red")).column("Peer", "none", at(1, "orange")).sorted("Score", true).taskLinks())

	b.row("What comes")
	b.add(12, 8, graph("Probability to reach the limit, highest 10", "Unconditional probability of the series that are most likely to reach their limit, for each time that the task names.", "percentunit",
		query{`topk(10, ` + sel(board.ExhaustionProbability, ofTask) + `)`, auto}).ratio())
	b.add(12, 8, graph("Time until the limit, shortest 10", "Median time until the limit, given that it is reached within 14 days; not drawn where that is less likely than 1 in 20.", "s",
		query{`bottomk(10, ` + sel(board.TimeToExhaustion, ofTask+`, probability="0.5"`) + ` < +Inf)`, auto}).positive())
	b.add(12, 8, graph("Forecasts for $horizon ahead, highest 10", "What the largest series are forecast to be after this time, in the unit of the source. Drawn at the time of the forecast.", "short",
		query{`topk(10, ` + sel(board.Forecast, ofTask+`, horizon="$horizon"`) + `)`, auto}))
	b.add(12, 8, graph("Uncertainty of the forecasts for $horizon ahead, widest 10", "Width of the prediction interval in the unit of the source.", "short",
		query{`topk(10, ` + sel(board.ForecastUpper, ofTask+`, horizon="$horizon"`) + ` - ` + sel(board.ForecastLower, ofTask+`, horizon="$horizon"`) + `)`, auto}).positive())

	b.row("Cost and quality")
	b.add(8, 8, graph("Coverage", "Share of samples inside the prediction interval, out of sample, by horizon. It should be near the task's level.", "percentunit",
		query{`max by (horizon) (` + sel(board.TaskCoverage, ofTask) + `)`, "{{horizon}}"}).ratio())
	b.add(8, 8, graph("Skill", "1 - error / error of repeating the last season, median over the series, by horizon. Above 0 is better than that.", "percentunit",
		query{`max by (horizon) (` + sel(board.TaskSkill, ofTask) + `)`, "{{horizon}}"}))
	b.add(8, 8, graph("Duration of an evaluation", "How long an evaluation of the task takes, reading included.", "s",
		query{quantile("0.5", `foresight_evaluation_duration_seconds_bucket{`+ofTask+`}`), "median"},
		query{quantile("0.99", `foresight_evaluation_duration_seconds_bucket{`+ofTask+`}`), "99 %"}).positive())
	return b.done()
}

// quantile is that of a classic histogram over the last 15 minutes: reading and evaluating are rare, once a step.
func quantile(q, buckets string) string {
	return `histogram_quantile(` + q + `, sum by (le) (rate(` + buckets + `[15m])))`
}
