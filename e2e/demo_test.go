package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/demo"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

// outputs are the families of each group that every task with the group exports.
var outputs = map[board.Group][]board.Metric{
	board.GroupExpected:   {board.Expected, board.ExpectedLower, board.ExpectedUpper},
	board.GroupAnomaly:    {board.AnomalyScore, board.AnomalyDirection},
	board.GroupForecast:   {board.Forecast, board.ForecastLower, board.ForecastUpper},
	board.GroupExhaustion: {board.TimeToExhaustion, board.ExhaustionProbability},
	board.GroupObserved:   {board.Observed},
	board.GroupQuality:    {board.IntervalCoverage, board.Skill},
	board.GroupInfo:       {board.SeriesInfo},
	board.GroupAlways: {
		board.TaskSeries, board.TaskCoverage, board.TaskSkill, board.TaskOrigin, board.TaskLastSuccess,
		board.TaskMissedEvaluations, board.TaskDroppedSeries,
	},
}

func TestDemo(t *testing.T) {
	begin := time.Now()
	d, err := demo.Start(t.Context(), demo.Options{ListenAddress: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	f := startForesight(t, string(d.Config()), "")
	f.scrape() // succeeds while everything is being learnt
	f.waitReady(2 * time.Minute)
	took := time.Since(begin)
	t.Logf("ready after %v", took)
	if limit := 15 * time.Second * slowdown; took > limit {
		t.Errorf("ready after %v, want at most %v", took, limit)
	}

	best := time.Hour
	var text string
	for range 5 {
		start := time.Now()
		text = testkit.MustGet(t, f.URL()+"/metrics")
		best = min(best, time.Since(start))
	}
	t.Logf("a scrape takes %v", best)
	if limit := 100 * time.Millisecond * slowdown; best > limit {
		t.Errorf("a scrape takes %v, want at most %v", best, limit)
	}
	e := parse(t, text)
	c, err := config.Parse("demo", d.Config())
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range c.Tasks {
		for _, group := range append(task.Outputs, board.GroupAlways) {
			for _, m := range outputs[group] {
				if len(e.values(m.Name, "task", task.Name)) == 0 {
					t.Errorf("task %s lacks %s", task.Name, m.Name)
				}
			}
		}
		if len(task.GroupBy) > 0 && len(e.values(board.AnomalousSeriesRatio.Name, "task", task.Name)) == 0 {
			t.Errorf("task %s lacks %s", task.Name, board.AnomalousSeriesRatio.Name)
		}
		if ok, all := e.value("foresight_task_series", "task", task.Name, "state", "ok"), len(e.values("foresight_series_info", "task", task.Name)); int(ok) != all {
			t.Errorf("task %s: %g of %d series are ok", task.Name, ok, all)
		}
	}

	data := []string{"task", "filesystem", "instance", "db-1:9100", "mountpoint", "/data"}
	within := func(hours float64, least, most float64, what string) {
		t.Helper()
		if hours < least || hours > most {
			t.Errorf("/data on db-1 is full in %.1f h (%s), want %g to %g", hours, what, least, most)
		}
	}
	within(e.value("foresight_time_to_exhaustion_seconds", append(data, "probability", "0.1")...)/3600, 8, 31, "0.1")
	within(e.value("foresight_time_to_exhaustion_seconds", append(data, "probability", "0.5")...)/3600, 22, 44, "0.5")
	within(e.value("foresight_time_to_exhaustion_seconds", append(data, "probability", "0.9")...)/3600, 31, 96, "0.9")
	if p := e.value("foresight_exhaustion_probability_ratio", append(data, "within", "4d")...); p < 0.8 {
		t.Errorf("/data on db-1 is full within 4 days with probability %g, want 0.8 or more", p)
	}
	for _, other := range [][2]string{{"web-1:9100", "/var/log"}, {"ci-1:9100", "/var/lib/containers"}, {"web-1:9100", "/"}} {
		if p := e.value("foresight_exhaustion_probability_ratio", "task", "filesystem", "instance", other[0], "mountpoint", other[1], "within", "4d"); p > 0.3 {
			t.Errorf("%s on %s is full within 4 days with probability %g, want at most 0.3", other[1], other[0], p)
		}
	}
	if score := e.value("foresight_anomaly_score", "task", "latency", "service", "checkout"); score < 1 {
		t.Errorf("the score of the latency of checkout is %g during the incident, want above 1", score)
	}
	if score := e.value("foresight_anomaly_score", "task", "latency", "service", "search"); score > 1 {
		t.Errorf("the score of the latency of search is %g, want at most 1", score)
	}

	testkit.Run(t, text, testkit.FindTool(t, "promtool"), "check", "metrics")

	d.Scrape(strings.TrimPrefix(f.URL(), "http://"))
	testkit.WaitFor(t, time.Minute, "the demo's Prometheus to see Foresight", func() error {
		return oneSeries(t, d.URL(), `foresight_expected{task="orders", job="", instance=""}`)
	})
}
