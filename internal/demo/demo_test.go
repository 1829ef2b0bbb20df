package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

func start(t *testing.T) *Demo {
	t.Helper()
	begin := time.Now()
	d, err := Start(t.Context(), Options{ListenAddress: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(begin))
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDemo(t *testing.T) {
	d := start(t)
	for expr, want := range map[string]int{
		`sum by (service) (rate(http_requests_total[5m]))`:                                                     4,
		`sum by (service, pod) (rate(http_requests_total[5m]))`:                                                10,
		`histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m]))) < 10`: 4,
		`node_filesystem_size_bytes - node_filesystem_avail_bytes`:                                             5,
		`shop_orders_per_minute{job="", instance=""}`:                                                          1,
		`count_over_time(rabbitmq_queue_messages[28d]) > 28 * 24 * 60 - 2`:                                     2,
		`predict_linear(slo:period_error_budget_remaining:ratio{sloth_service="checkout"}[7d], 5 * 86400) < 0`: 1,
		`changes(container_memory_working_set_bytes[1h]) > 30`:                                                 4,
		`time() - timestamp(rabbitmq_queue_messages) <= 30`:                                                    2,
	} {
		if got := testkit.MustQuery(t, d.URL(), expr, time.Time{}); len(got) != want {
			t.Errorf("%s: %d series, want %d: %v", expr, len(got), want, got)
		}
	}
	for _, expr := range []string{
		`histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))`,
		`max_over_time(histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))[28d:1h])`,
	} {
		if body := testkit.MustGet(t, d.URL()+"/api/v1/query?"+url.Values{"query": {expr}}.Encode()); strings.Contains(body, `"infos"`) || strings.Contains(body, `"warnings"`) {
			t.Errorf("%s: Prometheus complains: %s", expr, body)
		}
	}
	for path, want := range map[string]string{
		"/api/v1/status/buildinfo":                        `"version":"3.`,
		"/api/v1/metadata?metric=rabbitmq_queue_messages": `"rabbitmq_queue_messages":[{"type":"gauge"`,
		"/api/v1/labels":                                  `"mountpoint"`,
		"/api/v1/label/service/values":                    `["catalog","checkout","recommender","search"]`,
		"/api/v1/series?match[]=shop_orders_per_minute":   `"data":[{"__name__":"shop_orders_per_minute"}]`,
	} {
		if body := testkit.MustGet(t, d.URL()+path); !strings.Contains(body, want) {
			t.Errorf("%s: %s, want %s in it", path, body, want)
		}
	}
	for _, path := range []string{
		"/", "/api/v1/admin/tsdb/snapshot", "/api/v1/write", "/api/v1/status/config", "/api/v1/status/flags",
		"/api/v1/notifications/live", "/api/v1/otlp/v1/metrics", "/debug/pprof/",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			rec := httptest.NewRecorder()
			d.server.Handler.ServeHTTP(rec, httptest.NewRequest(method, path, http.NoBody))
			if rec.Code != http.StatusNotFound {
				t.Errorf("%s %s: status %d, want 404", method, path, rec.Code)
			}
		}
	}
}

func TestConfigIsValidAndFindsItsSeries(t *testing.T) {
	d := start(t)
	c, err := config.Parse("demo", d.Config())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %q", c.Warnings)
	}
	if got := c.Source.URL.String(); got != d.URL() {
		t.Errorf("the source is %s, want %s", got, d.URL())
	}
	for _, task := range c.Tasks {
		if got := testkit.MustQuery(t, d.URL(), task.Expr, time.Time{}); len(got) == 0 {
			t.Errorf("task %s finds no series", task.Name)
		}
	}
}

func TestDemoScrapes(t *testing.T) {
	d := start(t)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `foresight_expected{task="traffic",service="search",job="",instance=""} 7`)
		fmt.Fprintln(w, `foresight_source_up 1`)
	}))
	defer target.Close()
	d.Scrape(strings.TrimPrefix(target.URL, "http://"))
	testkit.WaitFor(t, 40*time.Second, "the scrape", func() error {
		got, err := testkit.Query(t, d.URL(), `foresight_expected{job=""} == 7 and on () foresight_source_up{job="foresight"}`, time.Time{})
		if err == nil && len(got) != 1 {
			err = fmt.Errorf("%d series", len(got))
		}
		return err
	})
}

func TestStartFailsWhereItCannotListen(t *testing.T) {
	d, err := Start(context.Background(), Options{ListenAddress: "127.0.0.1:99999"})
	if err == nil || d != nil {
		t.Errorf("Start gave %v, %v; want an error", d, err)
	}
}
