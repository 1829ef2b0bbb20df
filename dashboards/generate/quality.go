package main

import "github.com/foresight-exporter/foresight/internal/board"

const atHorizon = ofTasks + `, horizon="$horizon"`

// quality shows how good forecasts are.
func quality() dashboard {
	b := newBuilder(uidQuality, "Foresight / Quality", "Whether intervals hold what they promise and forecasts beat repeating the last season.",
		ofTasks, timeRange{"now-7d", "now"})
	b.variable("task", "Task", "Entries of Foresight's configuration.", `label_values(`+board.TaskSeries.Name+`, task)`).all()
	b.variable("horizon", "Horizon", "How far ahead.", `label_values(`+sel(board.TaskCoverage, ofTasks)+`, horizon)`)

	b.row("Do the intervals hold what they promise?")
	b.add(12, 8, graph("Coverage, by task and horizon", "Share of samples inside the prediction interval, out of sample. It should be near the level, 95 % by default.", "percentunit",
		query{`max by (task, horizon) (` + sel(board.TaskCoverage, ofTasks) + `)`, "{{task}} {{horizon}}"}).ratio())
	b.add(12, 8, graph("Series out of bounds", "Share of the series whose coverage is more than 0.1 away from the level.", "percentunit",
		query{`max by (task, horizon) (` + sel(board.TaskCoverageOff, ofTasks) + `)`, "{{task}} {{horizon}}"}).ratio())
	b.add(12, 8, graph("Coverage for $horizon ahead, counted in Prometheus", "The same from outside: what was forecast this long before against what came, averaged over an hour. Needs observed among the outputs.", "percentunit",
		query{`avg by (task) (avg_over_time((` +
			`(` + sel(board.Observed, ofTasks) + ` >= bool ` + before(board.ForecastLower) + `) * ` +
			`(` + sel(board.Observed, ofTasks) + ` <= bool ` + before(board.ForecastUpper) + `))[1h:5m]))`, "{{task}}"}).ratio())
	b.add(12, 8, table("Coverage furthest from 95 %", "The 20 series whose intervals for this horizon are most wrong, too narrow or too wide.",
		query{`topk(20, abs(` + sel(board.IntervalCoverage, atHorizon) + ` - 0.95))`, "Off by"},
	).column("Off by", "percentunit", at(0.1, "orange")).sorted("Off by", true).taskLinks())

	b.row("Are they better than the simplest forecast?")
	b.add(12, 8, graph("Skill, by task and horizon", "1 - error / error of repeating the last season, median over the task's series. Above 0 is better than that.", "percentunit",
		query{`max by (task, horizon) (` + sel(board.TaskSkill, ofTasks) + `)`, "{{task}} {{horizon}}"}))
	b.add(12, 8, table("Least skill", "The 20 series that are forecast least well. Below 0, Foresight falls back to repeating the last season.",
		query{`bottomk(20, ` + sel(board.Skill, atHorizon) + `)`, "Skill"},
	).column("Skill", "percentunit", at(0, "text")).sorted("Skill", false).taskLinks())
	b.add(12, 8, graph("Error of the forecasts for $horizon ahead", "Mean distance of what came from what was forecast this long before, relative to what came. Needs observed among the outputs.", "percentunit",
		query{`avg by (task) (abs(` + sel(board.Observed, ofTasks) + ` - ` + before(board.Forecast) + `))` +
			` / avg by (task) (abs(` + sel(board.Observed, ofTasks) + `))`, "{{task}}"}).positive())
	b.add(12, 8, table("What leads", "How many series each model leads, by task.",
		query{`count by (task, model) (` + sel(board.SeriesInfo, ofTasks+`, state="ok"`) + `)`, "Series"},
	).sorted("Series", true).taskLinks())
	return b.done()
}

// before is what was forecast the horizon ago for now, on the right of a binary operator with the series itself on the left.
func before(m board.Metric) string {
	return `ignoring (horizon) ` + sel(m, atHorizon) + ` offset $horizon`
}
