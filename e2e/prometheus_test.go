package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const scrapeBoth = `
global: {scrape_interval: 2s}
storage: {tsdb: {out_of_order_time_window: 1h}}
scrape_configs:
  - job_name: company
    honor_labels: true
    static_configs: [{targets: [%q]}]
  - job_name: foresight
    honor_labels: true
    static_configs: [{targets: [%q]}]
`

const followBoth = `
source: {url: %q}
defaults: {step: 5m, evaluation_interval: 2s}
tasks:
  - name: traffic
    expr: traffic
    minimum: 0
    horizons: [1h, 6h, 1d]
    outputs: [expected, anomaly, forecast, observed, quality, info]
  - name: by_service
    expr: sum by (service) (traffic)
    horizons: [1h, 6h, 1d]
  - name: orders
    expr: orders_per_minute
    horizons: [1h, 6h, 1d]
  - name: disk
    expr: disk_used_bytes
    by: [instance]
    minimum: 0
    exhaustion:
      limit_expr: disk_size_bytes
      alerts: [{within: 4d, probability: 0.5, for: 1h, severity: warning}]
`

// TestPrometheus has a real Prometheus hold four weeks of known series, Foresight read them over HTTP, and that
// Prometheus scrape Foresight; PromQL there sees forecasts that hold the known continuation.
func TestPrometheus(t *testing.T) {
	t.Run("newest", func(t *testing.T) { testPrometheus(t, testkit.FindTool(t, "prometheus")) })
	t.Run("2.42", func(t *testing.T) { testPrometheus(t, testkit.FindPrometheus2(t)) })
}

func testPrometheus(t *testing.T, bin string) {
	t.Helper()
	promtool := testkit.FindTool(t, "promtool")
	now := time.Now()
	const day = 24 * time.Hour
	full := now.Add(5 * day)
	a := truth{name: "traffic", labels: labels.FromStrings("job", "shop", "instance", "a:80", "service", "cart"), smooth: weekly(100, 40, 10), noise: 2}
	b := truth{name: "traffic", labels: labels.FromStrings("job", "shop", "instance", "b:80", "service", "search"), smooth: weekly(300, -90, 20), noise: 5}
	orders := truth{name: "orders_per_minute", smooth: weekly(50, 20, 0), noise: 1.5}
	disk := truth{name: "disk_used_bytes", labels: labels.FromStrings("job", "node", "instance", "db:9100"), smooth: filling(1e11, 2e9, full), noise: 1e8}
	size := truth{name: "disk_size_bytes", labels: labels.FromStrings("job", "node", "instance", "db:9100"), smooth: constant(1e11)}
	all := []truth{a, b, orders, disk, size}

	target := startTarget(t, func(now time.Time) string { return expose(all, now) })
	own := testkit.FreeAddress(t)
	p := testkit.StartPrometheus(t, bin, fmt.Sprintf(scrapeBoth, target, own), func(dir string) {
		testkit.CreateBlocks(t, promtool, dir, now.Add(-28*day), now, time.Minute, histories(all))
	})
	f := startForesightAt(t, own, fmt.Sprintf(followBoth, p.URL), "")
	f.waitReady(2 * time.Minute)
	for expr, want := range map[string]int{
		`foresight_forecast`:                                                         5 * 3,
		`foresight_expected`:                                                         6,
		`foresight_anomaly_score`:                                                    6,
		`foresight_exhaustion_probability_ratio{within="4d"}`:                        1,
		`foresight_time_to_exhaustion_seconds{job="node"}`:                           3,
		`foresight_expected{task="orders", job="", instance=""}`:                     1,
		`foresight_expected{task="by_service", job=""}`:                              2,
		`traffic and on (job, instance, service) foresight_expected{task="traffic"}`: 2,
		`traffic - ignoring (task) foresight_expected{task="traffic"}`:               2,
		`foresight_build_info{job="foresight"}`:                                      1,
		`foresight_source_up == 1`:                                                   1,
		`sum(foresight_task_series{state="ok"}) == 6`:                                1,
		`sum(foresight_source_query_failures_total) == 0`:                            1,
	} {
		testkit.WaitFor(t, time.Minute, expr, func() error { return series(t, p.URL, expr, want) })
	}

	var outside []string
	checked := 0
	for _, c := range []struct {
		selector string
		truth    truth
	}{
		{`task="traffic", instance="a:80"`, a},
		{`task="traffic", instance="b:80"`, b},
		{`task="by_service", service="cart"`, a},
		{`task="by_service", service="search"`, b},
		{`task="orders"`, orders},
	} {
		task, _, _ := strings.Cut(c.selector, ",")
		origin := time.Unix(int64(scalar(t, p.URL, `foresight_task_origin_timestamp_seconds{`+task+`}`)), 0)
		for horizon, ahead := range map[string]time.Duration{"1h": time.Hour, "6h": 6 * time.Hour, "1d": day} {
			s := c.selector + `, horizon=` + strconv.Quote(horizon)
			want, noise := c.truth.smooth(origin.Add(ahead)), c.truth.noise
			lower, upper := scalar(t, p.URL, `foresight_forecast_lower{`+s+`}`), scalar(t, p.URL, `foresight_forecast_upper{`+s+`}`)
			checked++
			if want < lower || want > upper {
				outside = append(outside, fmt.Sprintf("{%s}: %.1f in [%.1f, %.1f]", s, want, lower, upper))
			}
			if width := upper - lower; want < lower-width || want > upper+width {
				t.Errorf("{%s}: the continuation %g is far outside [%g, %g]", s, want, lower, upper)
			}
			if width := upper - lower; width < noise || width > 20*noise {
				t.Errorf("{%s}: the interval is %g wide with noise of %g", s, width, noise)
			}
			if mean := scalar(t, p.URL, `foresight_forecast{`+s+`}`); mean < lower || mean > upper {
				t.Errorf("{%s}: the forecast %g is outside [%g, %g]", s, mean, lower, upper)
			}
		}
	}
	if len(outside) > checked/15 {
		t.Errorf("%d of %d continuations are outside their intervals at level 0.95: %s", len(outside), checked, strings.Join(outside, "; "))
	}
	const days = 5.0
	p10, p50, p90 := exhaustion(t, p.URL, "0.1"), exhaustion(t, p.URL, "0.5"), exhaustion(t, p.URL, "0.9")
	if p50 < 0.8*days || p50 > 1.2*days || p10 > p50 || p50 > p90 {
		t.Errorf("the disk is full in %.2f days (%.2f to %.2f), want %g", p50, p10, p90, days)
	}

	testkit.Run(t, testkit.MustGet(t, f.URL()+"/metrics"), promtool, "check", "metrics")
}

// exhaustion gives a quantile of the days until the disk is full.
func exhaustion(t *testing.T, base, probability string) float64 {
	t.Helper()
	return scalar(t, base, `foresight_time_to_exhaustion_seconds{task="disk", probability="`+probability+`"}`) / 86400
}
