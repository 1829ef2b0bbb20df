package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/anomaly"
)

// origin of the fake board's numbers.
var origin = time.Date(2026, 3, 12, 14, 30, 0, 0, time.UTC).UnixMilli()

// daily is a course with a day in it.
func daily(t int64) float64 {
	return 100 + 40*math.Sin(2*math.Pi*float64(t%86400000)/86400000-2)
}

// filling is a disk that fills by a tenth a day and is cleaned a little each night.
func filling(t int64) float64 {
	days := float64(t-origin) / 86400000
	return (0.82 + 0.11*days + 0.03*math.Mod(days+100.6, 1)) * 500e9
}

// curve is a forecast whose interval widens after the origin.
type curve struct {
	f     func(int64) float64
	width float64
}

func (c curve) Curve(dst []board.Point, from, to int64, step time.Duration) ([]board.Point, int64) {
	grid := step.Milliseconds()
	for t := (from + grid - 1) / grid * grid; t <= to; t += grid {
		width := c.width
		if t > origin {
			width *= 1 + math.Sqrt(float64(t-origin)/3600000)/2
		}
		v := c.f(t)
		dst = append(dst, board.Point{T: t, Interval: models.Interval{Mean: v, Lower: v - width, Upper: v + width}})
	}
	return dst, origin
}

// history is what the source would answer: the expected course with noise, and an anomaly of the last half hour in
// the series of the pod that ends in 7.
func history(_ context.Context, task string, ls labels.Labels, from, to int64, step time.Duration) ([]Sample, error) {
	if ls.Get("pod") == "unreadable" {
		return nil, errors.New(`Get "http://prometheus:9090/api/v1/query_range": connection refused`)
	}
	grid := step.Milliseconds()
	var out []Sample
	for t := (from + grid - 1) / grid * grid; t <= to; t += grid {
		v, noise := daily(t), 5*math.Sin(float64(t/grid*7919))
		if task == "filesystem" {
			v, noise = filling(t), noise*4e8
		}
		if ls.Get("pod") == "checkout-7" && t > origin-45*60000 {
			v *= 1.7
		}
		if t > origin-20*3600000 && t < origin-17*3600000 {
			continue // the source was away
		}
		out = append(out, Sample{T: t, V: v + noise})
	}
	return out, nil
}

// hostile are label values that must not become markup.
var hostile = []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `';alert(1)//`, `javascript:alert(1)`, `{{.}}`, "a\nb", `&lt;`, `%3Cscript%3E`, `</title><svg onload=alert(1)>`}

// fakeBoard has two tasks with forecasts and one that has not been evaluated with success.
func fakeBoard() *board.Board {
	nan, inf := math.NaN(), math.Inf(1)
	b := &board.Board{}

	requests := &board.Snapshot{
		Task: "requests", Origin: origin, Step: 5 * time.Minute, Level: 0.95, Horizon: 24 * time.Hour, History: 28 * 24 * time.Hour,
		LastSuccess: time.UnixMilli(origin + 2000), Missed: 2, Groups: []board.Group{board.GroupExpected, board.GroupAnomaly, board.GroupForecast, board.GroupQuality, board.GroupInfo},
	}
	columns := map[string][]float64{}
	add := func(s models.State, pod string, score models.Score, value float64) {
		ls := labels.FromStrings("task", "requests", "namespace", "shop", "pod", pod)
		series := board.Series{Labels: ls, State: s, Model: "card+theta", Season: "1d,7d", Score: score}
		if s == models.StateOK {
			series.Ahead = curve{daily, 12}
		} else {
			series.Model, series.Season = "", "none"
		}
		requests.States[s]++
		requests.Series = append(requests.Series, series)
		e := daily(origin)
		if s != models.StateOK {
			e = nan
		}
		for name, v := range map[string]float64{
			"observed": value, "expected": e, "lower": e - 12, "upper": e + 12, "score": score.Value, "direction": float64(score.Direction),
			"6h": e * 0.8, "6h lower": e*0.8 - 20, "6h upper": e*0.8 + 20, "coverage": e / e * 0.947, "skill": e / e * 0.31,
		} {
			columns[name] = append(columns[name], v)
		}
	}
	add(models.StateOK, "checkout-7", models.Score{Value: 3.4, Direction: 1, Part: anomaly.PartLevel, Start: origin - 45*60000}, 231)
	add(models.StateOK, "checkout-8", models.Score{Value: 0.31, Direction: -1, Part: anomaly.PartPoint}, 128)
	add(models.StateOK, "unreadable", models.Score{}, 131)
	add(models.StateTooShort, "checkout-9", models.Score{}, 12.5)
	for _, value := range hostile {
		add(models.StateOK, value, models.Score{Value: 1.2, Direction: 1, Part: anomaly.PartLevel, Start: origin - 600000}, 160)
	}
	requests.Columns = []board.Column{
		{Metric: board.Expected, Values: columns["expected"]},
		{Metric: board.ExpectedLower, Values: columns["lower"]},
		{Metric: board.ExpectedUpper, Values: columns["upper"]},
		{Metric: board.AnomalyScore, Values: columns["score"]},
		{Metric: board.AnomalyDirection, Values: columns["direction"]},
		{Metric: board.Forecast, Label: "horizon", LabelValue: "6h", Values: columns["6h"]},
		{Metric: board.ForecastLower, Label: "horizon", LabelValue: "6h", Values: columns["6h lower"]},
		{Metric: board.ForecastUpper, Label: "horizon", LabelValue: "6h", Values: columns["6h upper"]},
		{Metric: board.Observed, Values: columns["observed"], Hidden: true},
		{Metric: board.IntervalCoverage, Label: "horizon", LabelValue: "6h", Values: columns["coverage"]},
		{Metric: board.Skill, Label: "horizon", LabelValue: "6h", Values: columns["skill"]},
	}
	b.Publish(requests)

	disk := &board.Snapshot{
		Task: "filesystem", Origin: origin, Step: 5 * time.Minute, Level: 0.9, Horizon: 7 * 24 * time.Hour, History: 28 * 24 * time.Hour,
		LastSuccess: time.UnixMilli(origin + 2000), Dropped: 3, Groups: []board.Group{board.GroupExpected, board.GroupExhaustion, board.GroupInfo},
		Series: []board.Series{
			{Labels: labels.FromStrings("task", "filesystem", "instance", "db-1:9100", "mountpoint", "/data"), Model: "card+theta", Season: "1d", Ahead: curve{filling, 6e9}},
			{Labels: labels.FromStrings("task", "filesystem", "instance", "db-1:9100", "mountpoint", "/tmp"), Model: "naive", Season: "none", Ahead: curve{func(int64) float64 { return 2e9 }, 1e8}},
			{Labels: labels.FromStrings("task", "filesystem", "instance", "db-2:9100", "mountpoint", "/data"), State: models.StateOverLimit, Model: "naive", Season: "none", Ahead: curve{func(int64) float64 { return 5e11 }, 1e8}},
		},
		Columns: []board.Column{
			{Metric: board.Expected, Values: []float64{filling(origin), 2e9, 5e11}},
			{Metric: board.ExpectedLower, Values: []float64{filling(origin) - 6e9, 1.9e9, 4.999e11}},
			{Metric: board.ExpectedUpper, Values: []float64{filling(origin) + 6e9, 2.1e9, 5.001e11}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.1", Values: []float64{86400, inf, 0}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.5", Values: []float64{111600, inf, 0}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.9", Values: []float64{172800, inf, 0}},
			{Metric: board.ExhaustionProbability, Label: "within", LabelValue: "1d", Values: []float64{0.11, 0, 1}},
			{Metric: board.ExhaustionProbability, Label: "within", LabelValue: "4d", Values: []float64{0.97, 0.0002, 1}},
			{Metric: board.Observed, Values: []float64{filling(origin) + 2e9, 2.01e9, 5e11}, Hidden: true},
			{Metric: board.Limit, Values: []float64{5e11, 1e10, 5e11}, Hidden: true},
		},
	}
	disk.States[models.StateOK], disk.States[models.StateOverLimit] = 2, 1
	b.Publish(disk)

	b.Publish(&board.Snapshot{
		Task: "latency", Step: time.Minute, Level: 0.95, Missed: 9,
		Error: `task latency: query "histogram_quantile(…)": 422 execution: query timed out in expression evaluation`,
	})
	return b
}

// fake is a whole program behind the pages.
func fake(_ testing.TB) Options {
	return Options{
		Board:   fakeBoard(),
		Metrics: http.NotFoundHandler(),
		History: history,
		Version: "1.2.3",
		Config:  func() string { return "source:\n  url: http://<secret>@prometheus:9090\ntasks: []\n" },
		Expr: func(task string) string {
			return map[string]string{"requests": `sum by (namespace, pod) (rate(http_requests_total{code!~"5.."}[5m]))`, "filesystem": "node_filesystem_size_bytes - node_filesystem_avail_bytes"}[task]
		},
		Now: func() time.Time { return time.UnixMilli(origin + 20000) },
	}
}
