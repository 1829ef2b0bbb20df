package collector

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// everything is a board of two tasks that between them export every metric.
func everything() *board.Board {
	nan, inf := math.NaN(), math.Inf(1)
	b := &board.Board{}
	disk := &board.Snapshot{
		Task: "disk", Origin: 1700000100500, Step: 5 * time.Minute, Level: 0.95, LastSuccess: time.UnixMilli(1700000101250),
		Missed: 3, Dropped: 7, Groups: board.Groups,
		Series: []board.Series{
			{Labels: labels.FromStrings("task", "disk", "instance", "db-1:9100", "job", "node", "mountpoint", "/data"), State: models.StateOK, Model: "card+char", Season: "1d,7d"},
			{Labels: labels.FromStrings("task", "disk", "mountpoint", "/tmp"), State: models.StateTooShort, Model: "none", Season: "none"},
			{Labels: labels.FromStrings("task", "disk", "mountpoint", "C:\\\"new\"\nline"), State: models.StateOK, Model: "naive", Season: "none"},
		},
		Columns: []board.Column{
			{Metric: board.Expected, Values: []float64{1.5e9, nan, -0.25}},
			{Metric: board.ExpectedLower, Values: []float64{1.25e9, nan, -1}},
			{Metric: board.ExpectedUpper, Values: []float64{1.75e9, nan, 0}},
			{Metric: board.AnomalyScore, Values: []float64{0.125, nan, 1.5}},
			{Metric: board.AnomalyStart, Values: []float64{nan, nan, 1.7e9 - 900}},
			{Metric: board.AnomalyDirection, Values: []float64{0, nan, -1}},
			{Metric: board.PeerScore, Values: []float64{0.5, nan, nan}},
			{Metric: board.Forecast, Label: "horizon", LabelValue: "6h", Values: []float64{1.6e9, nan, 1}},
			{Metric: board.Forecast, Label: "horizon", LabelValue: "1d", Values: []float64{1.8e9, nan, 2}},
			{Metric: board.ForecastLower, Label: "horizon", LabelValue: "6h", Values: []float64{1.4e9, nan, 0.5}},
			{Metric: board.ForecastUpper, Label: "horizon", LabelValue: "6h", Values: []float64{1.9e9, nan, 1.5}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.1", Values: []float64{86400, nan, inf}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.5", Values: []float64{111600.5, nan, inf}},
			{Metric: board.ExhaustionProbability, Label: "within", LabelValue: "4d", Values: []float64{0.96, nan, 0.001}},
			{Metric: board.Observed, Values: []float64{1.51e9, nan, -0.3}},
			{Metric: board.IntervalCoverage, Label: "horizon", LabelValue: "6h", Values: []float64{0.947, nan, nan}},
			{Metric: board.Skill, Label: "horizon", LabelValue: "6h", Values: []float64{0.31, nan, nan}},
		},
		Rows: []board.Row{
			{Metric: board.AnomalousSeriesRatio, Labels: labels.FromStrings("task", "disk", "job", "node"), Value: 0.5},
			{Metric: board.AnomalousSeriesRatio, Labels: labels.FromStrings("task", "disk"), Value: 0},
			{Metric: board.TaskCoverage, Labels: labels.FromStrings("task", "disk", "horizon", "6h"), Value: 0.947},
			{Metric: board.TaskCoverageOff, Labels: labels.FromStrings("task", "disk", "horizon", "6h"), Value: 0.25},
			{Metric: board.TaskSkill, Labels: labels.FromStrings("task", "disk", "horizon", "6h"), Value: 0.31},
			{Metric: board.TaskSkill, Labels: labels.FromStrings("task", "disk", "horizon", "1d"), Value: nan},
		},
	}
	disk.States[models.StateOK], disk.States[models.StateTooShort] = 2, 1
	latency := &board.Snapshot{
		Task: "latency", Origin: 1700000100000, Groups: []board.Group{board.GroupExpected},
		Series:  []board.Series{{Labels: labels.FromStrings("task", "latency", "service.name", "checkout", "horizon", "near"), Model: "naive", Season: "1d"}},
		Columns: []board.Column{{Metric: board.Expected, Values: []float64{0.21}}, {Metric: board.Observed, Values: []float64{0.2}, Hidden: true}},
	}
	latency.States[models.StateOK] = 1
	b.Publish(latency)
	b.Publish(disk)
	b.Publish(&board.Snapshot{Task: "new"})
	return b
}

// self is a small registry that stands for the program's own metrics.
func self() *prometheus.Registry {
	r := prometheus.NewRegistry()
	up := prometheus.NewGauge(prometheus.GaugeOpts{Name: "foresight_source_up", Help: "Whether the source answered last."})
	up.Set(1)
	queries := prometheus.NewCounter(prometheus.CounterOpts{Name: "foresight_source_queries_total", Help: "Queries sent."})
	queries.Add(12)
	fits := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "foresight_fit_duration_seconds", Help: "Time of one fit.", Buckets: []float64{0.001, 1}})
	fits.Observe(0.002)
	r.MustRegister(up, queries, fits)
	return r
}
