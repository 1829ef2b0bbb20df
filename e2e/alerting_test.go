package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/rules"
)

const fillingDisks = `
source: {url: %q}
rules: {page_url: "http://foresight.example.org"}
defaults: {step: 5s, history: 30h, evaluation_interval: 1s}
tasks:
  - name: filesystem
    expr: disk_used_bytes
    by: [instance, mountpoint]
    minimum: 0
    exhaustion:
      limit_expr: disk_size_bytes
      alerts:
        - {within: 10m, probability: 0.5, for: 10s, severity: critical}
`

const alertingPrometheus = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs:
  - {job_name: disks, honor_labels: true, static_configs: [{targets: [%q]}]}
  - {job_name: foresight, honor_labels: true, static_configs: [{targets: [%q]}]}
`

// disks fill steadily until the test says that they are full, and then that they are cleaned.
type disks struct {
	full  time.Time // where the line reaches the size
	state atomic.Int32
}

const (
	diskFills int32 = iota
	diskFull
	diskCleaned
)

func (d *disks) used(t time.Time) float64 {
	const size, whole = 100, float64(36 * time.Hour) // in which all of it fills
	switch d.state.Load() {
	case diskFull:
		return size
	case diskCleaned:
		return 20
	}
	left := float64(d.full.Sub(t)) / whole * size
	return min(size-left, 0.999*size)
}

// TestAlertsOnFillingDisks has generated rules run in a real Prometheus and routed by a real Alertmanager: disks that fill
// alert in one notification before they are full, what is full silences what was predicted, and a clean-up ends both.
func TestAlertsOnFillingDisks(t *testing.T) {
	start := time.Now()
	d := &disks{full: start.Add(6 * time.Minute)}
	var series []testkit.History
	for _, mount := range []string{"/a", "/b"} {
		ls := labels.FromStrings("job", "node", "instance", "db:9100", "mountpoint", mount, "team", "storage")
		series = append(series,
			testkit.History{Name: "disk_used_bytes", Labels: ls, Value: d.used},
			testkit.History{Name: "disk_size_bytes", Labels: ls, Value: func(time.Time) float64 { return 100 }})
	}
	target := startTarget(t, func(now time.Time) string {
		var b strings.Builder
		for _, s := range series {
			fmt.Fprintf(&b, "%s%s %g\n", s.Name, strings.ReplaceAll(s.Labels.String(), ", ", ","), s.Value(now))
		}
		return b.String()
	})
	hook := startReceivers(t)
	files := generateRules(t, fmt.Sprintf(fillingDisks, "http://127.0.0.1:1"))
	am := testkit.StartAlertmanager(t, testkit.FindTool(t, "alertmanager"), hook.adopt(files["foresight.alertmanager.yml"]))
	ruleFile := filepath.Join(t.TempDir(), "foresight.rules.yml")
	if err := os.WriteFile(ruleFile, files["foresight.rules.yml"], 0o600); err != nil {
		t.Fatal(err)
	}
	address := testkit.FreeAddress(t)
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"),
		fmt.Sprintf(alertingPrometheus, ruleFile, am.Address, target, address), func(dir string) {
			testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, start.Add(-30*time.Hour), start, 5*time.Second, series)
		})
	f := startForesightAt(t, address, fmt.Sprintf(fillingDisks, p.URL), "")
	defer func() {
		if t.Failed() {
			t.Log(testkit.MustGet(t, f.URL()+"/metrics"))
		}
	}()

	// Predicted, in one notification, while nothing is full.
	hook.wait("a prediction", "predictions", func(n notification) error { return n.expect("firing", "ForesightExhaustionPredicted", 2) })
	first := hook.of("predictions")[0]
	if err := first.expect("firing", "ForesightExhaustionPredicted", 2); err != nil {
		t.Errorf("the first notification: %v", err)
	}
	checkPrediction(t, first)
	if n := len(hook.of("default")); n > 0 {
		t.Errorf("%d notifications that the limit is reached before it is: %v", n, hook.of("default"))
	}

	// Full: the alert on what is silences the one on what was to be.
	d.state.Store(diskFull)
	hook.wait("the limit being reached", "default", func(n notification) error { return n.expect("firing", "ForesightLimitReached", 2) })
	testkit.WaitFor(t, time.Minute*slowdown, "the predictions to be inhibited", func() error {
		all := alertsOf(t, am, "ForesightExhaustionPredicted")
		if len(all) != 2 {
			return fmt.Errorf("%d predictions: %v", len(all), all)
		}
		for _, a := range all {
			if a.Status.State != "suppressed" || len(a.Status.InhibitedBy) != 1 {
				return fmt.Errorf("%+v", a)
			}
		}
		return nil
	})

	// Cleaned: both end.
	d.state.Store(diskCleaned)
	hook.wait("the limit no longer being reached", "default", func(n notification) error { return n.expect("resolved", "ForesightLimitReached", 2) })
	hook.wait("the end of the predictions", "predictions", func(n notification) error { return n.expect("resolved", "ForesightExhaustionPredicted", 2) })
	if n := len(hook.of("pager")); n > 0 {
		t.Errorf("the pager went %d times, though nobody asked for it: %v", n, hook.of("pager"))
	}
	// That a disk without noise was cleaned is more than any interval promises; what is measured of them comes and goes.
	for _, r := range testkit.MustQuery(t, p.URL, `ALERTS{alertname=~"Foresight.*", alertname!="ForesightCoverageOff"}`, time.Time{}) {
		t.Errorf("an alert is left: %v", r.Labels)
	}
}

func checkPrediction(t *testing.T, n notification) {
	t.Helper()
	if want := map[string]string{"task": "filesystem"}; fmt.Sprint(n.GroupLabels) != fmt.Sprint(want) {
		t.Errorf("group labels: got %v, want %v", n.GroupLabels, want)
	}
	slices.SortFunc(n.Alerts, func(a, b notified) int { return strings.Compare(a.Labels["mountpoint"], b.Labels["mountpoint"]) })
	for i, a := range n.Alerts {
		mount := []string{"/a", "/b"}[i]
		want := map[string]string{
			"alertname": "ForesightExhaustionPredicted", "task": "filesystem", "within": "10m", "severity": "critical",
			"job": "node", "instance": "db:9100", "mountpoint": mount, "team": "storage",
			"task_series": fmt.Sprintf("instance=%q,mountpoint=%q", "db:9100", mount),
		}
		if fmt.Sprint(a.Labels) != fmt.Sprint(want) {
			t.Errorf("labels: got %v, want %v", a.Labels, want)
		}
		for _, part := range []string{
			`The probability of filesystem instance="db:9100",mountpoint="` + mount + `" to reach its limit within 10m is `, "% (alert from 50%)",
			" If it does, then in about ", "http://foresight.example.org/series?task=filesystem&instance=db%3A9100&mountpoint=%2F" + mount[1:],
		} {
			if !strings.Contains(a.Annotations["description"], part) {
				t.Errorf("description %q lacks %q", a.Annotations["description"], part)
			}
		}
	}
}

// TestGeneratedRulesRun has both supported generations of Prometheus evaluate every generated rule without an error.
func TestGeneratedRulesRun(t *testing.T) {
	for _, name := range []string{"2.42", "newest"} {
		t.Run(name, func(t *testing.T) {
			find := testkit.FindPrometheus2
			if name == "newest" {
				find = func(tb testing.TB) string { tb.Helper(); return testkit.FindTool(tb, "prometheus") }
			}
			var paths []string
			for _, golden := range []string{"filesystem", "checkout", "plain", "lookahead"} {
				paths = append(paths, filepath.Join(testkit.Root(), "rules", "testdata", golden, "prometheus", "foresight.rules.yml"))
			}
			list, err := json.Marshal(paths)
			if err != nil {
				t.Fatal(err)
			}
			p := testkit.StartPrometheus(t, find(t), fmt.Sprintf("global: {evaluation_interval: 1s}\nrule_files: %s\n", list), nil)
			testkit.WaitFor(t, time.Minute*slowdown, "all rules to be evaluated", func() error {
				var answer struct {
					Data struct {
						Groups []struct {
							Rules []struct{ Name, Health, LastError string }
						}
					}
				}
				if err := json.Unmarshal([]byte(testkit.MustGet(t, p.URL+"/api/v1/rules")), &answer); err != nil {
					return err
				}
				n := 0
				for _, g := range answer.Data.Groups {
					for _, r := range g.Rules {
						if n++; r.Health != "ok" {
							return fmt.Errorf("%s is %s: %s", r.Name, r.Health, r.LastError)
						}
					}
				}
				if n < 40 {
					return fmt.Errorf("only %d rules", n)
				}
				return nil
			})
		})
	}
}

func generateRules(t *testing.T, configYAML string) map[string][]byte {
	t.Helper()
	c, err := config.Parse("foresight.yml", []byte(configYAML))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files(rules.FormatPrometheus, rules.Header{Version: "test", From: "foresight.yml"})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Name] = f.Data
	}
	return out
}

// receivers take Alertmanager's webhooks, by the name of the receiver.
type receivers struct {
	t   *testing.T
	url string

	mu  sync.Mutex
	got map[string][]notification
}

type notification struct {
	Status      string
	GroupLabels map[string]string
	Alerts      []notified
}

type notified struct {
	Status              string
	Labels, Annotations map[string]string
}

func (n notification) expect(status, name string, alerts int) error {
	if n.Status != status || len(n.Alerts) != alerts {
		return fmt.Errorf("%s with %d alerts", n.Status, len(n.Alerts))
	}
	for _, a := range n.Alerts {
		if a.Labels["alertname"] != name {
			return fmt.Errorf("alert %v", a.Labels)
		}
	}
	return nil
}

func startReceivers(t *testing.T) *receivers {
	t.Helper()
	r := &receivers{t: t, got: map[string][]notification{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var n notification
		if err := json.NewDecoder(req.Body).Decode(&n); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		name := strings.TrimPrefix(req.URL.Path, "/")
		r.got[name] = append(r.got[name], n)
	}))
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

func (r *receivers) of(name string) []notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got[name])
}

// wait waits until a receiver got a notification that the check accepts.
func (r *receivers) wait(what, name string, check func(notification) error) {
	r.t.Helper()
	testkit.WaitFor(r.t, time.Minute*slowdown, what, func() error {
		err := errors.New("nothing was notified")
		for _, n := range r.of(name) {
			if err = check(n); err == nil {
				return nil
			}
		}
		return err
	})
}

// adopt completes the generated configuration as its user does, with waits that suit a test.
func (r *receivers) adopt(fragment []byte) string {
	r.t.Helper()
	var c map[string]any
	if err := yaml.Unmarshal(fragment, &c); err != nil {
		r.t.Fatal(err)
	}
	for _, one := range c["receivers"].([]any) {
		one := one.(map[string]any)
		one["webhook_configs"] = []any{map[string]any{"url": fmt.Sprintf("%s/%s", r.url, one["name"])}}
	}
	root := c["route"].(map[string]any)
	root["group_wait"], root["group_interval"] = "2s", "2s"
	for _, one := range root["routes"].([]any) {
		delete(one.(map[string]any), "group_wait")
	}
	out, err := yaml.Marshal(c)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(out)
}

// held is one alert that Alertmanager holds.
type held struct {
	Labels map[string]string
	Status struct {
		State       string
		InhibitedBy []string
	}
}

// alertsOf gives the alerts of a name, of any name where it is "".
func alertsOf(t *testing.T, am *testkit.Server, name string) []held {
	t.Helper()
	var all []held
	address := am.URL + "/api/v2/alerts"
	if name != "" {
		address += "?filter=alertname=" + name
	}
	if err := json.Unmarshal([]byte(testkit.MustGet(t, address)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}
