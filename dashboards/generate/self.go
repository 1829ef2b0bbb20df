package main

import "github.com/foresight-exporter/foresight/internal/board"

const ofJobs = `job=~"$job", instance=~"$instance"`

// self shows Foresight itself: whether it runs, reads and keeps up, and what it costs.
func self() dashboard {
	b := newBuilder(uidSelf, "Foresight / Foresight itself", "Whether Foresight runs, reads its source and keeps up, and what that costs.",
		`alertname=~".*(ForesightDown|SourceUnreachable|ConfigurationRejected|TaskStale|SeriesDropped|CoverageOff)"`, timeRange{"now-6h", "now"})
	b.variable("job", "Job", "The scrape job of Foresight.", `label_values(foresight_build_info, job)`).all()
	b.variable("instance", "Instance", "The instances of Foresight; shards are instances.", `label_values(foresight_build_info{job=~"$job"}, instance)`).all()

	b.row("Does it work?")
	b.add(4, 4, stat("Up", "Instances of Foresight that answer scrapes.", "none",
		`sum(up{`+ofJobs+`} and on (job, instance) foresight_build_info)`).steps("red", at(1, "green")))
	b.add(4, 4, stat("Source", "Whether the source answered the last query of every instance.", "none",
		`min(foresight_source_up{`+ofJobs+`})`).steps("red", at(1, "green")))
	b.add(4, 4, stat("Configuration", "1: the last load of the configuration succeeded everywhere. 0: the one before is still running somewhere.", "none",
		`min(foresight_config_last_reload_successful{`+ofJobs+`})`).steps("red", at(1, "green")))
	b.add(4, 4, stat("Configuration loaded", "Time since the running configuration was loaded.", "s",
		`time() - max(foresight_config_last_reload_success_timestamp_seconds{`+ofJobs+`})`))
	b.add(4, 4, stat("Series", "Series that Foresight follows.", "none", `sum(`+sel(board.TaskSeries, ofJobs)+`)`))
	b.add(4, 4, stat("Left out", "Series left out because of series_limit or exported_series_limit.", "none",
		`sum(`+sel(board.TaskDroppedSeries, ofJobs)+`)`).steps("green", at(1, "red")))
	b.add(24, 4, table("Versions", "Which version of Foresight runs where.", query{`foresight_build_info{` + ofJobs + `}`, "Info"}))

	b.row("Does it read?")
	b.add(8, 8, graph("Queries to the source", "Queries a second, repeated ones too.", "reqps",
		query{`sum by (instance) (rate(foresight_source_queries_total{` + ofJobs + `}[$__rate_interval]))`, "{{instance}}"}).positive())
	b.add(8, 8, graph("Failed queries", "Queries a second that failed, by reason: rejected (the expression), too_large, timeout, malformed, unavailable.", "reqps",
		query{`sum by (reason) (rate(foresight_source_query_failures_total{` + ofJobs + `}[$__rate_interval]))`, "{{reason}}"}).positive())
	b.add(8, 8, graph("Duration of queries", "Time from asking the source to the end of its answer.", "s",
		query{quantile("0.5", `foresight_source_query_duration_seconds_bucket{`+ofJobs+`}`), "median"},
		query{quantile("0.99", `foresight_source_query_duration_seconds_bucket{`+ofJobs+`}`), "99 %"}).positive())
	b.add(8, 8, graph("Samples read", "Samples a second that were read from the source. The history of new series shows as a peak.", "short",
		query{`sum by (instance) (rate(foresight_source_samples_read_total{` + ofJobs + `}[$__rate_interval]))`, "{{instance}}"}).positive())

	b.add(8, 8, graph("Age of what is shown", "How old the moment is that each task's numbers speak of. Up to a step and an evaluation interval is normal.", "s",
		query{`time() - max by (task) (` + sel(board.TaskOrigin, ofJobs) + `)`, "{{task}}"}).positive())
	b.add(8, 8, graph("Missed evaluations", "Evaluations within the last hour that failed, or were left out because the one before was still running.", "none",
		query{`sum by (task) (increase(` + sel(board.TaskMissedEvaluations, ofJobs) + `[1h]))`, "{{task}}"}).positive())

	b.row("What does it cost?")
	b.add(8, 8, graph("Duration of evaluations, 99 %", "How long an evaluation of each task takes, reading included.", "s",
		query{`histogram_quantile(0.99, sum by (le, task) (rate(foresight_evaluation_duration_seconds_bucket{` + ofJobs + `}[15m])))`, "{{task}}"}).positive())
	b.add(8, 8, graph("Fits", "How often a series is fitted a second.", "ops",
		query{`sum by (instance) (rate(foresight_fit_duration_seconds_count{` + ofJobs + `}[$__rate_interval]))`, "{{instance}}"}).positive())
	b.add(8, 8, graph("Mean duration of a fit", "Time that fitting one series takes.", "s",
		query{`sum(increase(foresight_fit_duration_seconds_sum{` + ofJobs + `}[1d])) / sum(increase(foresight_fit_duration_seconds_count{` + ofJobs + `}[1d]))`, "mean"}).positive())
	b.add(8, 8, graph("CPU", "Cores that the process uses.", "short",
		query{`rate(process_cpu_seconds_total{` + ofJobs + `}[$__rate_interval]) and on (job, instance) foresight_build_info`, "{{instance}}"}).positive())
	b.add(8, 8, graph("Memory", "Resident memory of the process, and the part that Go's heap holds.", "bytes",
		query{`process_resident_memory_bytes{` + ofJobs + `} and on (job, instance) foresight_build_info`, "resident {{instance}}"},
		query{`go_memstats_heap_inuse_bytes{` + ofJobs + `} and on (job, instance) foresight_build_info`, "heap {{instance}}"}).positive())
	b.add(8, 8, graph("Memory a series", "Resident memory divided by the series that are followed.", "bytes",
		query{`sum(process_resident_memory_bytes{` + ofJobs + `} and on (job, instance) foresight_build_info) / sum(` + sel(board.TaskSeries, ofJobs) + `)`, "a series"}).positive())
	b.add(8, 8, graph("Duration of scrapes", "How long Prometheus's scrapes of Foresight take.", "s",
		query{`scrape_duration_seconds{` + ofJobs + `} and on (job, instance) foresight_build_info`, "{{instance}}"}).positive())
	b.add(8, 8, graph("Samples a scrape", "How many samples a scrape of Foresight brings.", "short",
		query{`scrape_samples_scraped{` + ofJobs + `} and on (job, instance) foresight_build_info`, "{{instance}}"}).positive())
	b.add(8, 8, graph("Goroutines", "Goroutines of the process.", "short",
		query{`go_goroutines{` + ofJobs + `} and on (job, instance) foresight_build_info`, "{{instance}}"}).positive())
	return b.done()
}
