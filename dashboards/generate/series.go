package main

import "github.com/foresight-exporter/foresight/internal/board"

// ofSeries are the matchers of one series, as its variable gives them.
const ofSeries = `${series:raw}`

// series shows one series, its past and its future.
func series() dashboard {
	b := newBuilder(uidSeries, "Foresight / Series", "One series: past and future, why it is unusual, and when it reaches its limit.",
		ofSeries, timeRange{"now-1d", "now+1d"})
	b.variable("task", "Task", "An entry of Foresight's configuration.", `label_values(`+board.SeriesInfo.Name+`, task)`)
	v := b.variable("series", "Series", "A series of the task, by its labels.",
		`query_result(group without (model, season, state) (`+sel(board.SeriesInfo, ofTask)+`))`)
	v.Regex = `/^\{(.*)\} /`
	b.variable("horizon", "Horizons", "How far ahead.", `label_values(`+sel(board.Forecast, ofTask)+`, horizon)`).all()

	b.row("Past and future")
	b.add(24, 10, graph("Expected and observed",
		"What is expected, with its prediction interval, and what came. Right of now it needs remote read from Foresight, as docs/future.md tells; without it, see the row below. "+
			"What was observed needs observed among the task's outputs.", "short",
		query{sel(board.Observed, ofSeries), "observed"},
		query{sel(board.Expected, ofSeries), "expected"},
		query{sel(board.ExpectedLower, ofSeries), "lower"},
		query{sel(board.ExpectedUpper, ofSeries), "upper"},
	).band())

	b.row("What was forecast, at the time it was forecast for")
	shifted := func(m board.Metric) string {
		return sel(m, ofSeries+`, horizon="$horizon"`) + ` offset $horizon`
	}
	p := graph("Forecast $horizon ahead",
		"What was forecast this long before, moved to the time it is about, beside what came. It reaches as far beyond now as the horizon and needs no remote read.", "short",
		query{sel(board.Observed, ofSeries), "observed"},
		query{shifted(board.Forecast), "expected"},
		query{shifted(board.ForecastLower), "lower"},
		query{shifted(board.ForecastUpper), "upper"},
	).band()
	p.Repeat, p.RepeatDirection, p.MaxPerRow = "horizon", "h", 2
	b.add(24, 8, p)

	b.row("Now")
	b.add(6, 4, stat("Anomaly score", "How unlike the expectation it is. Above 1 is anomalous.", "none",
		`max(`+sel(board.AnomalyScore, ofSeries)+`)`).steps("green", at(1, "orange"), at(3, "red")))
	b.add(6, 4, stat("Direction", "Where an anomaly lies: 1 above the expectation, -1 below it, 0 neither.", "none",
		`max(`+sel(board.AnomalyDirection, ofSeries)+`)`))
	b.add(6, 4, stat("Probability to reach the limit", "The highest of those for the times that the task names.", "percentunit",
		`max(`+sel(board.ExhaustionProbability, ofSeries)+`)`).steps("green", at(0.2, "orange"), at(0.5, "red")))
	b.add(6, 4, stat("Time until the limit", "Median, given that it is reached within 14 days; none where that is less likely than 1 in 20.", "s",
		`min(`+sel(board.TimeToExhaustion, ofSeries+`, probability="0.5"`)+` < +Inf)`).otherwise("none within 14 d").steps("red", at(86400, "orange"), at(4*86400, "green")))
	b.add(12, 8, graph("Anomaly score", "Score of the series, and how unlike its siblings it is where the task has group_by. Above 1 is anomalous.", "none",
		query{sel(board.AnomalyScore, ofSeries), "score"}, query{sel(board.PeerScore, ofSeries), "peer"}).steps("transparent", at(1, "red")).line().positive())
	b.add(12, 8, graph("Time until the limit", "Quantiles of the time until the limit, given that it is reached within 14 days.", "s",
		query{sel(board.TimeToExhaustion, ofSeries) + ` < +Inf`, "{{probability}}"}).positive())
	b.add(12, 8, graph("Probability to reach the limit", "Unconditional probability to reach the limit within each time.", "percentunit",
		query{sel(board.ExhaustionProbability, ofSeries), "{{within}}"}).ratio())
	b.add(12, 8, table("How far to trust it", "Share of samples inside the interval and skill against repeating the last season, out of sample, by horizon.",
		query{`max by (horizon) (` + sel(board.IntervalCoverage, ofSeries) + `)`, "Coverage"},
		query{`max by (horizon) (` + sel(board.Skill, ofSeries) + `)`, "Skill"},
	).column("Coverage", "percentunit").column("Skill", "percentunit"))
	b.add(24, 4, table("What was learnt", "The model that leads, the seasons found, and the state of the series.",
		query{sel(board.SeriesInfo, ofSeries), "Info"}).taskLinks())
	return b.done()
}
