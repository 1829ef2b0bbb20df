package board

// Prefix of every metric.
const Prefix = "foresight_"

// Group of metrics, as named by a task's `outputs`.
type Group string

// The groups. Always is exported whatever a task asks for.
const (
	GroupExpected   Group = "expected"
	GroupAnomaly    Group = "anomaly"
	GroupForecast   Group = "forecast"
	GroupExhaustion Group = "exhaustion"
	GroupObserved   Group = "observed"
	GroupQuality    Group = "quality"
	GroupInfo       Group = "info"
	GroupAlways     Group = "always"
)

// Groups are those that `outputs` may name, in the order of the documentation.
var Groups = []Group{GroupExpected, GroupAnomaly, GroupForecast, GroupExhaustion, GroupObserved, GroupQuality, GroupInfo}

// Metric is one metric family of the board.
type Metric struct {
	Name    string // with prefix
	Help    string
	Group   Group
	Counter bool // else a gauge
}

// The metric families of the board, by subject: those of a series carry its labels and `task`.
var (
	Expected      = Metric{Prefix + "expected", "What the series was expected to be at the task's origin, before it was seen.", GroupExpected, false}
	ExpectedLower = Metric{Prefix + "expected_lower", "Lower edge of the prediction interval of foresight_expected at the task's level.", GroupExpected, false}
	ExpectedUpper = Metric{Prefix + "expected_upper", "Upper edge of the prediction interval of foresight_expected at the task's level.", GroupExpected, false}

	AnomalyScore     = Metric{Prefix + "anomaly_score", "How bad it is now: 0 as expected, above 1 anomalous.", GroupAnomaly, false}
	AnomalyStart     = Metric{Prefix + "anomaly_start_timestamp_seconds", "When the anomalous event under way began; absent without one.", GroupAnomaly, false}
	AnomalyDirection = Metric{Prefix + "anomaly_direction", "Where the anomaly lies: -1 below, 1 above the expectation, 0 neither.", GroupAnomaly, false}
	PeerScore        = Metric{Prefix + "peer_score", "How unlike its siblings of the group the series behaves: above 1 it is an outlier among them.", GroupAnomaly, false}

	Forecast      = Metric{Prefix + "forecast", "Forecast of the series at the task's origin + horizon.", GroupForecast, false}
	ForecastLower = Metric{Prefix + "forecast_lower", "Lower edge of the prediction interval of foresight_forecast at the task's level.", GroupForecast, false}
	ForecastUpper = Metric{Prefix + "forecast_upper", "Upper edge of the prediction interval of foresight_forecast at the task's level.", GroupForecast, false}

	TimeToExhaustion      = Metric{Prefix + "time_to_exhaustion_seconds", "Seconds until the limit is reached: quantiles given that it is reached within 14 days, +Inf where that is less likely than 1 in 20. Of an error budget: by scenarios, not calibrated.", GroupExhaustion, false}
	ExhaustionProbability = Metric{Prefix + "exhaustion_probability_ratio", "Unconditional probability that the limit is reached within the time. Of an error budget: the share of scenarios, not calibrated.", GroupExhaustion, false}

	// Limit is published in hidden columns only, for the pages.
	Limit = Metric{Prefix + "limit", "The limit in force.", GroupExhaustion, false}

	Observed = Metric{Prefix + "observed", "The last sample used, in the unit of the source.", GroupObserved, false}

	IntervalCoverage = Metric{Prefix + "interval_coverage_ratio", "Share of samples that fell inside the prediction interval, measured out of sample.", GroupQuality, false}
	Skill            = Metric{Prefix + "skill_ratio", "1 - error / error of seasonal naive, measured out of sample.", GroupQuality, false}

	SeriesInfo = Metric{Prefix + "series_info", "What was learnt of the series, or why it is not forecast.", GroupInfo, false}

	AnomalousSeriesRatio = Metric{Prefix + "anomalous_series_ratio", "Share of the group's series whose anomaly score is above 1.", GroupAnomaly, false}

	TaskSeries            = Metric{Prefix + "task_series", "Series of the task by state.", GroupAlways, false}
	TaskCoverage          = Metric{Prefix + "task_interval_coverage_ratio", "Share of samples of all the task's series inside the prediction interval, measured out of sample.", GroupAlways, false}
	TaskCoverageOff       = Metric{Prefix + "task_series_coverage_off_ratio", "Share of the task's series whose measured coverage is more than 0.1 from the task's level.", GroupAlways, false}
	TaskSkill             = Metric{Prefix + "task_skill_ratio", "1 - error / error of seasonal naive, median over the task's series, measured out of sample.", GroupAlways, false}
	TaskOrigin            = Metric{Prefix + "task_origin_timestamp_seconds", "The moment that the task's numbers are about.", GroupAlways, false}
	TaskLastSuccess       = Metric{Prefix + "task_last_success_timestamp_seconds", "When the task was last evaluated without an error.", GroupAlways, false}
	TaskMissedEvaluations = Metric{Prefix + "task_missed_evaluations_total", "Evaluations of the task that failed or were left out because the one before was still running.", GroupAlways, true}
	TaskDroppedSeries     = Metric{Prefix + "task_dropped_series", "Series left out because of series_limit or exported_series_limit.", GroupAlways, false}
)

// SeriesMetrics are the families of single series, in the order in which they are exposed.
var SeriesMetrics = []Metric{
	Expected, ExpectedLower, ExpectedUpper, AnomalyScore, AnomalyStart, AnomalyDirection, PeerScore, Forecast, ForecastLower, ForecastUpper,
	TimeToExhaustion, ExhaustionProbability, Observed, IntervalCoverage, Skill, SeriesInfo,
}

// TaskMetrics are the families of groups and tasks, in the order in which they are exposed.
var TaskMetrics = []Metric{
	AnomalousSeriesRatio, TaskSeries, TaskCoverage, TaskCoverageOff, TaskSkill, TaskOrigin, TaskLastSuccess, TaskMissedEvaluations, TaskDroppedSeries,
}
