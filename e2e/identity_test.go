package e2e

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const followApps = `
source: {url: %q}
defaults: {step: 10s, history: 2d, evaluation_interval: 1s}
tasks:
  - name: load
    expr: app_load
    by: [app]
    season: none
    outputs: [expected, anomaly, observed, info]
`

// app gives the load of a pod of an app, whose level tells apps apart.
func appLoad(app, pod string, level float64) truth {
	return truth{name: "app_load", labels: labels.FromStrings("job", "k8s", "instance", "n1", "app", app, "pod", pod), smooth: constant(level), noise: 0.01 * level}
}

// only gives a history that has samples in [from, to) alone.
func only(h testkit.History, from, to time.Time) testkit.History {
	value := h.Value
	h.Value = func(t time.Time) float64 {
		if t.Before(from) || !t.Before(to) {
			return math.NaN()
		}
		return value(t)
	}
	return h
}

// TestIdentity renames pods, removes a series and adds one: an app keeps what was learnt of it, under the labels of its
// newest pod, and no app ever gets the value of another.
func TestIdentity(t *testing.T) {
	t.Parallel()
	now := time.Now()
	begin, renamed, gone := now.Add(-50*time.Hour), now.Add(-3*time.Hour), now.Add(-time.Hour)
	levels := map[string]float64{"a": 100, "b": 200, "c": 300, "d": 400}
	a0, a1, a2 := appLoad("a", "a-0", 100), appLoad("a", "a-1", 100), appLoad("a", "a-2", 100)
	b, c, d := appLoad("b", "b-0", 200), appLoad("c", "c-0", 300), appLoad("d", "d-0", 400)

	var mu sync.Mutex
	alive := []truth{a1, b}
	target := startTarget(t, func(now time.Time) string {
		mu.Lock()
		defer mu.Unlock()
		return expose(alive, now)
	})
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), fmt.Sprintf(scrapeTarget, target), func(dir string) {
		testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, begin, now, 10*time.Second, []testkit.History{
			only(a0.history(), begin, renamed), only(a1.history(), renamed, now.Add(time.Hour)), b.history(), only(d.history(), begin, gone),
		})
	})
	f := startForesight(t, fmt.Sprintf(followApps, p.URL), "")
	f.waitReady(2 * time.Minute)

	// see says why the apps are not as wanted: the pod of each that is forecast, and the states of the others.
	see := func(pods, states map[string]string) error {
		e := f.scrape()
		for app, level := range levels {
			for _, name := range []string{"foresight_expected", "foresight_expected_lower", "foresight_expected_upper", "foresight_observed"} {
				for _, v := range e.values(name, "app", app) {
					if v < 0.9*level || v > 1.1*level {
						t.Errorf("%s of app %s is %g, want about %g", name, app, v, level)
					}
				}
			}
			if n := len(e.values("foresight_series_info", "app", app)); n > 1 {
				t.Errorf("app %s has %d series", app, n)
			}
		}
		for app, pod := range pods {
			if n, all := len(e.values("foresight_expected", "app", app, "pod", pod)), len(e.values("foresight_expected", "app", app)); n != 1 || all != 1 {
				return fmt.Errorf("app %s: %d expectations as pod %s, %d in all; want one", app, n, pod, all)
			}
			if score := e.value("foresight_anomaly_score", "app", app); score > 1 {
				t.Errorf("the score of app %s is %g", app, score)
			}
		}
		for app, state := range states {
			if len(e.values("foresight_series_info", "app", app, "state", state)) != 1 {
				return fmt.Errorf("app %s is not %s", app, state)
			}
			if n := len(e.values("foresight_expected", "app", app)); n != 0 {
				t.Errorf("app %s is %s and has %d expectations", app, state, n)
			}
		}
		return nil
	}
	wait := func(what string, pods, states map[string]string) {
		t.Helper()
		testkit.WaitFor(t, time.Minute, what, func() error { return see(pods, states) })
	}
	wait("the history to be joined over the first rename", map[string]string{"a": "a-1", "b": "b-0"}, map[string]string{"d": "stale"})

	// Prometheus marks as stale what it scraped before.
	testkit.WaitFor(t, time.Minute, "the first scrape", func() error { return oneSeries(t, p.URL, `scrape_samples_scraped == 2`) })
	mu.Lock()
	alive = []truth{a2, c}
	mu.Unlock()
	wait("the second rename and the new app", map[string]string{"a": "a-2"}, map[string]string{"c": "warming_up", "d": "stale"})
	origin := f.scrape().value("foresight_task_origin_timestamp_seconds")
	testkit.WaitFor(t, time.Minute, "three more steps", func() error {
		if err := see(map[string]string{"a": "a-2"}, map[string]string{"c": "warming_up"}); err != nil {
			t.Error(err)
		}
		if now := f.scrape().value("foresight_task_origin_timestamp_seconds"); now < origin+30 {
			return fmt.Errorf("the origin is %g s later", now-origin)
		}
		return nil
	})
}
