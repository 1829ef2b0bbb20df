package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/dashboards"
	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/demo"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/rules"
)

const readAhead = `
global: {scrape_interval: 2s, evaluation_interval: 2s}
rule_files: [%q]
scrape_configs:
  - job_name: foresight
    honor_labels: true
    static_configs: [{targets: [%[2]q]}]
remote_read:
  - {url: "http://%[2]s/api/v1/read", read_recent: true, filter_external_labels: false, required_matchers: {__name__: foresight_expected}}
`

// TestDashboards has a real Prometheus scrape the demo, with the generated rules, and asks it every expression of every
// dashboard as Grafana would: with the values that the variables have, over the dashboard's time range.
func TestDashboards(t *testing.T) {
	d, err := demo.Start(t.Context(), demo.Options{ListenAddress: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	conf := withOutputs(t, d.Config(), board.GroupObserved, board.GroupQuality)
	own := testkit.FreeAddress(t)
	f := startForesightAt(t, own, conf, "")
	f.waitReady(2 * time.Minute)

	past := pastOf(f.scrape(), "1h")
	promtool := testkit.FindTool(t, "promtool")
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), fmt.Sprintf(readAhead, eagerRules(t, conf), own), func(dir string) {
		now := time.Now()
		testkit.CreateBlocks(t, promtool, dir, now.Add(-3*time.Hour), now, 2*time.Minute, past)
	})
	f.configure("no: configuration") // so that an alert on Foresight itself fires
	if err := f.Reload(); err == nil {
		t.Fatal("a broken configuration is loaded")
	}
	testkit.WaitFor(t, time.Minute, "a second scrape", func() error {
		return oneSeries(t, p.URL, `rate(foresight_source_queries_total[1m])`)
	})

	files, err := dashboards.Files("")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(file.Name, func(t *testing.T) {
			candidates := variableValues(t, p.URL, file.Data)
			left := testkit.DashboardQueries(t, file.Data)
			testkit.WaitFor(t, time.Minute, "data", func() error {
				var missing []error
				left = slices.DeleteFunc(left, func(q testkit.DashboardQuery) bool {
					err := anyData(t, p.URL, q, candidates)
					if err != nil {
						missing = append(missing, fmt.Errorf("%s: %w", q.Where, err))
					}
					return err == nil
				})
				return errors.Join(missing...)
			})
		})
	}
	future := `foresight_expected{task="filesystem", instance="db-1:9100", mountpoint="/data"}`
	if got := testkit.MustQuery(t, p.URL, future, time.Now().Add(20*time.Hour)); len(got) != 1 {
		t.Errorf("%s has %d values in 20 hours, want 1 through remote read", future, len(got))
	}
}

// variableValues gives values of a dashboard's variables: for each series of the tasks that together show everything,
// as Grafana gets it from the query and the expression of the variable.
func variableValues(t *testing.T, base string, data []byte) []map[string]string {
	t.Helper()
	var d struct {
		Templating struct {
			List []struct{ Name, Regex string }
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, task := range []string{"filesystem", "latency", "pod_traffic"} {
		values := map[string]string{
			"task": task, "within": "4d", "horizon": "1h", "job": "foresight", "instance": ".+",
			"datasource": "-", "foresight": "-",
		}
		if task == "filesystem" {
			values["horizon"] = "6h"
		}
		out = append(out, values)
	}
	for _, v := range d.Templating.List {
		if v.Name != "series" {
			continue
		}
		cut := regexp.MustCompile(strings.Trim(v.Regex, "/"))
		var each []map[string]string
		for _, values := range out {
			for _, q := range testkit.DashboardQueries(t, data) {
				if !strings.HasSuffix(q.Where, "variable series") {
					continue
				}
				for _, s := range testkit.MustQuery(t, base, testkit.Interpolate(t, q.Expr, values), time.Time{}) {
					one := map[string]string{"series": cut.FindStringSubmatch(grafanaText(s))[1]}
					maps.Copy(one, values)
					each = append(each, one)
				}
			}
		}
		out = each
	}
	if len(out) == 0 {
		t.Fatal("no variable has values")
	}
	return out
}

// grafanaText is what Grafana makes of a sample that query_result gives.
func grafanaText(s testkit.Sample) string {
	var pairs []string
	for name, value := range s.Labels {
		pairs = append(pairs, name+`="`+value+`"`)
	}
	slices.Sort(pairs)
	return fmt.Sprintf("{%s} %g %d", strings.Join(pairs, ","), s.Value, s.Time.UnixMilli())
}

// anyData says why a query gives no data with any of the values.
func anyData(t *testing.T, base string, q testkit.DashboardQuery, candidates []map[string]string) error {
	t.Helper()
	tried := map[string]bool{}
	for _, values := range candidates {
		expr := testkit.Interpolate(t, q.Expr, values)
		if tried[expr] {
			continue
		}
		tried[expr] = true
		now := time.Now()
		form := url.Values{"query": {expr}}
		path := "/api/v1/query?"
		if !q.Instant {
			path = "/api/v1/query_range?"
			form.Set("start", strconv.FormatInt(now.Add(-24*time.Hour).Unix(), 10))
			form.Set("end", strconv.FormatInt(now.Add(24*time.Hour).Unix(), 10))
			form.Set("step", "120")
		}
		status, body, err := testkit.Get(t, base+path+form.Encode())
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("%s: status %d: %s", expr, status, body)
		}
		rare := regexp.MustCompile(`(fit|query|evaluation)_duration`).MatchString(expr) // what did not happen since the first scrape has no duration
		if known(t, body) || rare && !strings.Contains(body, `"result":[]`) {
			return nil
		}
	}
	return fmt.Errorf("%s gives no data", q.Expr)
}

// known tells whether an answer of the query API holds a value that is not NaN.
func known(t *testing.T, body string) bool {
	t.Helper()
	var answer struct {
		Data struct {
			Result []struct {
				Value  []any
				Values [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	for _, r := range answer.Data.Result {
		for _, v := range append(r.Values, r.Value) {
			if len(v) == 2 && v[1] != "NaN" {
				return true
			}
		}
	}
	return false
}

// withOutputs adds groups to the outputs of every task of a configuration.
func withOutputs(t *testing.T, text []byte, groups ...board.Group) string {
	t.Helper()
	c, err := config.Parse("demo", text)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for i, task := range raw["tasks"].([]any) {
		task.(map[string]any)["outputs"] = append(slices.Clone(c.Tasks[i].Outputs), groups...)
	}
	out, err := yaml.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// eagerRules writes the rules of a configuration, without the times that they wait, and gives the file.
func eagerRules(t *testing.T, conf string) string {
	t.Helper()
	c, err := config.Parse("demo", []byte(conf))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files(rules.FormatPrometheus, rules.Header{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		text := regexp.MustCompile(`(?m)^ *(for|keep_firing_for): .*\n`).ReplaceAll(f.Data, nil)
		if err := os.WriteFile(filepath.Join(dir, f.Name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "*.rules.yml")
}

// pastOf gives the observed values of a scrape, and its forecasts for a horizon, as if they had always been the same.
func pastOf(e exposition, horizon string) []testkit.History {
	var out []testkit.History
	for _, m := range []board.Metric{board.Observed, board.Forecast, board.ForecastLower, board.ForecastUpper} {
		for _, s := range e[m.Name].GetMetric() {
			b, value := labels.NewBuilder(labels.EmptyLabels()), s.GetGauge().GetValue()
			for _, l := range s.GetLabel() {
				b.Set(l.GetName(), l.GetValue())
			}
			ls := b.Labels()
			if h := ls.Get("horizon"); math.IsNaN(value) || h != "" && h != horizon {
				continue
			}
			out = append(out, testkit.History{Name: m.Name, Labels: ls, Value: func(time.Time) float64 { return value }})
		}
	}
	return out
}
