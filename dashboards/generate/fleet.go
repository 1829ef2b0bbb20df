package main

import "github.com/foresight-exporter/foresight/internal/board"

const (
	ofTasks = `task=~"$task"`
	within  = ofTasks + `, within=~"$within"`
)

// fleet shows what runs out and what is unusual, over all tasks.
func fleet() dashboard {
	b := newBuilder(uidFleet, "Foresight / Fleet", "What will run out and what is unusual now, over everything that Foresight follows.",
		ofTasks, timeRange{"now-1d", "now"})
	b.variable("task", "Task", "Entries of Foresight's configuration.", `label_values(`+board.TaskSeries.Name+`, task)`).all()
	b.variable("within", "Within", "The times within which a limit may be reached, as tasks name them. Of several the longest counts.",
		`label_values(`+sel(board.ExhaustionProbability, ofTasks)+`, within)`).all()

	b.row("What runs out")
	b.add(4, 4, stat("At their limit", "Series that have reached their limit.", "none",
		`count(min without (probability) (`+sel(board.TimeToExhaustion, ofTasks)+`) == 0) or vector(0)`).steps("green", at(1, "red")))
	b.add(4, 4, stat("Likely to run out", "Series that reach their limit within the times chosen above with a probability of at least one half.", "none",
		`count(`+likelihood()+` >= 0.5) or vector(0)`).steps("green", at(1, "orange")))
	b.add(4, 4, stat("Soonest", "The shortest median time until a limit is reached, given that it is reached within 14 days.", "s",
		`min(`+sel(board.TimeToExhaustion, ofTasks+`, probability="0.5"`)+` < +Inf)`).otherwise("none within 14 d").steps("red", at(86400, "orange"), at(4*86400, "green")))
	b.add(12, 8, graph("Probability to run out, highest of each task",
		"How the highest probability of each task to reach a limit developed. Alerts are set on this number.", "percentunit",
		query{`max by (task) (` + sel(board.ExhaustionProbability, within) + `)`, "{{task}}"}).ratio())
	b.add(12, 4, graph("Shortest time until a limit, by task",
		"The shortest median time until a limit is reached. Where reaching it within 14 days is less likely than 1 in 20, the time is infinite and not drawn.", "s",
		query{`min by (task) (` + sel(board.TimeToExhaustion, ofTasks+`, probability="0.5"`) + `) < +Inf`, "{{task}}"}).positive())
	b.add(24, 8, table("Most likely to run out",
		"The 20 series with the highest probability to reach their limit. The times are quantiles, given that the limit is reached within 14 days.",
		query{mostLikely(), "Probability"},
		query{soonest("0.1"), "At the earliest"},
		query{soonest("0.5"), "Median"},
		query{soonest("0.9"), "At the latest"},
	).column("Probability", "percentunit", at(0.2, "orange"), at(0.5, "red")).column("At the earliest", "s").column("Median", "s").
		column("At the latest", "s").sorted("Probability", true).taskLinks())

	b.row("What is unusual")
	b.add(4, 4, stat("Anomalous now", "Series whose anomaly score is above 1.", "none",
		`count(`+sel(board.AnomalyScore, ofTasks)+` > 1) or vector(0)`).steps("green", at(1, "orange")))
	b.add(4, 4, stat("Unlike their siblings", "Series whose peer score is above 1, in tasks with group_by.", "none",
		`count(`+sel(board.PeerScore, ofTasks)+` > 1) or vector(0)`).steps("green", at(1, "orange")))
	b.add(4, 4, stat("Highest score", "The highest anomaly score of all series. Above 1 is anomalous.", "none",
		`max(`+sel(board.AnomalyScore, ofTasks)+`)`).steps("green", at(1, "orange"), at(3, "red")))
	b.add(12, 8, graph("Anomalous series, by task",
		"How many series of each task had an anomaly score above 1. Many at once point to one common cause.", "none",
		query{`count by (task) (` + sel(board.AnomalyScore, ofTasks) + ` > 1) or 0 * max by (task) (` + sel(board.AnomalyScore, ofTasks) + `)`, "{{task}}"}).stacked().positive())
	b.add(12, 4, graph("Anomalous share of groups", "Share of the series of each group whose score is above 1, in tasks with group_by.", "percentunit",
		query{`topk(10, ` + sel(board.AnomalousSeriesRatio, ofTasks) + `)`, auto}).ratio())
	b.add(24, 8, table("Most unusual now", "The 20 series with the highest anomaly scores; above 1 is anomalous. Lasts: since the event began. Direction: 1 above the expectation, -1 below it.",
		query{unusual(board.AnomalyScore, ofTasks), "Score"},
		query{`time() - (` + unusual(board.AnomalyStart, ofTasks) + `)`, "Lasts"},
		query{unusual(board.AnomalyDirection, ofTasks), "Direction"},
	).column("Score", "none", at(1, "orange"), at(3, "red")).column("Lasts", "s").sorted("Score", true).taskLinks())

	b.row("Tasks")
	b.add(24, 8, table("Tasks", "Each task: its series, those that are not forecast, the age of what is shown, and whether intervals hold what they promise.",
		query{`sum by (task) (` + sel(board.TaskSeries, ofTasks) + `)`, "Series"},
		query{`sum by (task) (` + sel(board.TaskSeries, ofTasks+`, state!~"ok|over_limit|constant|no_limit"`) + `)`, "Not forecast"},
		query{`time() - max by (task) (` + sel(board.TaskOrigin, ofTasks) + `)`, "Age"},
		query{`avg by (task) (` + sel(board.TaskCoverage, ofTasks) + `)`, "Coverage"},
		query{`avg by (task) (` + sel(board.TaskSkill, ofTasks) + `)`, "Skill"},
	).column("Age", "s", at(900, "orange")).column("Coverage", "percentunit").column("Skill", "percentunit").sorted("task", false).taskLinks())
	return b.done()
}

// soonest gives a quantile of the time until the limit of the series that the table of the most likely lists.
func soonest(probability string) string {
	return `sum without (probability) (` + sel(board.TimeToExhaustion, ofTasks+`, probability="`+probability+`"`) + `) and ` + mostLikely()
}

// unusual gives a metric of the series with the highest scores. Without its name, so that a table joins it with others.
func unusual(m board.Metric, matchers string) string {
	return `max without () (` + sel(m, matchers) + `) and topk(20, ` + sel(board.AnomalyScore, matchers) + `)`
}

// likelihood is the probability of each series to reach its limit.
func likelihood() string {
	return `max without (within) (` + sel(board.ExhaustionProbability, within) + `)`
}

// mostLikely is that of the series where it is highest.
func mostLikely() string { return `topk(20, ` + likelihood() + ` > 0.01)` }
