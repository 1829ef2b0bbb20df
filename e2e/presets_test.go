package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/survey"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/models"
)

// watched is something that a preset is for.
type watched struct {
	preset string
	url    string   // of its metrics
	absent []string // tasks that it has no series for, and why that is right
	as     string   // job and instance; "": the preset's name
}

func (w *watched) job() string { return cmp.Or(w.as, w.preset) }

// TestDocumentedPresets: presets whose exporters can't be run here find their series in what the metric names of these
// says, and forecast them.
func TestDocumentedPresets(t *testing.T) {
	absent := map[string][]string{
		"opencost": {"month"}, // looks back 30 days, and there are three
	}
	paths, err := filepath.Glob("testdata/expositions/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	var all []watched
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			_, _ = w.Write(text)
		}))
		t.Cleanup(s.Close)
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		all = append(all, watched{preset: name, url: s.URL + "/metrics", absent: absent[name]})
	}
	tryPresets(t, all)
}

// TestInitFromNodeExporter: a Prometheus that scrapes a node_exporter and itself, the configuration that init writes, and
// forecasts of filesystems, memory, CPU and network, without a line by hand.
func TestInitFromNodeExporter(t *testing.T) {
	node := startExporter(t, testkit.FindTool(t, "node_exporter"), nil, "--web.listen-address=%s")
	published := tryPresets(t, []watched{{preset: "node", url: node + "/metrics"}})
	for _, task := range []string{"node.filesystem", "node.memory", "node.cpu", "node.network_in", "node.network_out"} {
		if published[task] == 0 {
			t.Errorf("%s: no forecast", task)
		}
	}
}

// tryPresets has a Prometheus scrape what is watched, after a history of three days made of what it says now, surveys it,
// follows what the survey chose, and checks that every task of the presets is forecast. It gives the number of series
// that are forecast by task.
func tryPresets(t *testing.T, all []watched) map[string]int {
	t.Helper()
	promtool, prometheus := testkit.FindTool(t, "promtool"), testkit.FindTool(t, "prometheus")
	now := time.Now()
	var past []testkit.History
	for _, w := range all {
		past = append(past, w.history(t, now)...)
		past = append(past, testkit.History{ // that of the Prometheus itself
			Name: "scrape_duration_seconds", Labels: labels.FromStrings("job", w.job(), "instance", w.job()),
			Value: func(at time.Time) float64 { return 0.01 * (1 + swing(at) + jitter(at, 0)) },
		})
	}
	p := testkit.StartPrometheus(t, prometheus, scrapeConfig(t, all), func(dir string) {
		testkit.CreateBlocks(t, promtool, dir, now.Add(-historyLength), now, 2*time.Minute, past)
	})
	testkit.WaitFor(t, time.Minute, "all targets to be scraped", func() error {
		return series(t, p.URL, "max_over_time(up[1m]) == 1", len(all))
	})

	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := source.New(source.Options{URL: u, HTTP: commonconfig.DefaultHTTPClientConfig})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	found, err := survey.Run(t.Context(), client, survey.Options{MaxSeries: 2000, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	text, err := found.Configuration(survey.Header{URL: p.URL, Shown: p.URL, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	f := startForesight(t, text, "")
	f.waitReady(2 * time.Minute)
	t.Logf("%d tasks were ready after %s:\n%s", found.Tasks, time.Since(begun).Round(time.Millisecond), text)

	states, forecast := map[string]map[models.State]int{}, map[string]int{}
	for _, s := range f.Board().Snapshots() {
		states[s.Task] = map[models.State]int{}
		for i := range s.Series {
			states[s.Task][s.Series[i].State]++
			if s.Series[i].State == models.StateOK {
				forecast[s.Task]++
			}
		}
	}
	for _, w := range all {
		w.check(t, found, states)
	}
	testkit.Run(t, testkit.MustGet(t, f.URL()+"/metrics"), promtool, "check", "metrics")
	checkPresetRules(t, promtool, text)
	return forecast
}

// check asks of each task of a preset that it has series and forecasts them, as far as they are not constant.
func (w *watched) check(t *testing.T, found *survey.Result, states map[string]map[models.State]int) {
	t.Helper()
	i := slices.IndexFunc(found.Presets, func(p survey.Preset) bool { return p.Name == w.preset })
	ok := 0
	for _, task := range found.Presets[i].Tasks {
		name := w.preset + "." + task.Name
		if slices.Contains(w.absent, task.Name) {
			if task.Taken {
				t.Errorf("%s: found, want it left out", name)
			}
			continue
		}
		if !task.Taken {
			t.Errorf("%s: left out: %s", name, task.Why)
			continue
		}
		if task.Series == 0 || len(states[name]) == 0 {
			t.Errorf("%s: no series", name)
		}
		for state, n := range states[name] {
			switch state {
			case models.StateOK:
				ok++
			case models.StateConstant, models.StateNoLimit, models.StateOverLimit:
			default:
				t.Errorf("%s: %d series are %s", name, n, state)
			}
		}
	}
	if ok == 0 {
		t.Errorf("%s: nothing is forecast", w.preset)
	}
}

// checkPresetRules has promtool judge the rules of a configuration with all alerts switched on.
func checkPresetRules(t *testing.T, promtool, text string) {
	t.Helper()
	c, err := config.Parse("foresight.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, task := range c.Tasks {
		preset, _, _ := strings.Cut(task.Preset, ".")
		used[preset] = true
	}
	var uses []string
	for _, name := range slices.Sorted(maps.Keys(used)) {
		uses = append(uses, "{"+name+": {alerts: true}}")
	}
	all := generateRules(t, "source: {url: 'http://127.0.0.1:9'}\npresets: ["+strings.Join(uses, ", ")+"]\n")
	path := filepath.Join(t.TempDir(), "foresight.rules.yml")
	if err := os.WriteFile(path, all[filepath.Base(path)], 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "", promtool, "check", "rules", "--lint=all", "--lint-fatal", path)
}

// scrapeConfig has each scraped under the name of its preset as job and instance.
func scrapeConfig(t *testing.T, all []watched) string {
	t.Helper()
	type job map[string]any
	var jobs []job
	for _, w := range all {
		u, err := url.Parse(w.url)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job{
			"job_name": w.job(), "honor_labels": true, "metrics_path": u.Path, "params": map[string][]string(u.Query()),
			"static_configs": []job{{"targets": []string{u.Host}, "labels": job{"instance": w.job()}}},
		})
	}
	text, err := yaml.Marshal(job{"global": job{"scrape_interval": "2s"}, "scrape_configs": jobs})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const historyLength = 3 * 24 * time.Hour

// history makes a past of what an exporter says now of the metrics that its preset reads: counters grow to where they are,
// faster by day; gauges lie somewhat below; what is set by people stays.
func (w *watched) history(t *testing.T, now time.Time) (all []testkit.History) {
	t.Helper()
	data, err := config.ReadPreset(w.preset)
	if err != nil {
		t.Fatal(err)
	}
	read, counters := selected(t, data)
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(testkit.MustGet(t, w.url)))
	if err != nil {
		t.Fatal(err)
	}
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.Now()}, slices.Collect(maps.Values(families))...)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range samples {
		name := string(s.Metric[model.MetricNameLabel])
		if !read[name] || math.IsNaN(float64(s.Value)) || math.IsInf(float64(s.Value), 0) {
			continue
		}
		b := labels.NewBuilder(labels.FromStrings("job", w.job(), "instance", w.job()))
		for n, v := range s.Metric {
			if n != model.MetricNameLabel {
				b.Set(string(n), string(v))
			}
		}
		h := testkit.History{Name: name, Labels: b.Labels()}
		v, phase := float64(s.Value), float64(i)
		switch {
		case settled.MatchString(name):
			h.Value = func(time.Time) float64 { return v }
		case counters[name]:
			h.Value = func(at time.Time) float64 { return v * grown(now, at, phase) }
		default:
			h.Value = func(at time.Time) float64 { return v * (1 - 0.05*swing(at) - 0.01*jitter(at, phase)) }
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		t.Fatalf("%s: %s has none of %v", w.preset, w.url, slices.Sorted(maps.Keys(read)))
	}
	return all
}

// settled are metrics that people set, or that stand for a moment.
var settled = regexp.MustCompile(`objective|limit|max|allocatable|capacity|expiry|hourly_cost|interval|quota|MemTotal|size_bytes$|_files$|_inodes$`)

// swing is 0 to 1 over a day.
func swing(at time.Time) float64 { return (1 + math.Sin(2*math.Pi*float64(at.Unix())/86400)) / 2 }

// jitter is 0 to 1, another at each moment.
func jitter(at time.Time, phase float64) float64 {
	_, f := math.Modf(math.Abs(math.Sin(float64(at.Unix())+phase)) * 43758.5453)
	return f
}

// grown is the share of what a counter is now that it was at a moment: never falling, with days and some noise.
func grown(now, at time.Time, phase float64) float64 {
	days := at.Sub(now.Add(-historyLength)).Hours() / 24
	total := historyLength.Hours() / 24
	noise := 0.2 * jitter(at, phase) * (2.0 / 1440) // less than a step
	return min(1, max(0, (days-noise-0.1*math.Sin(2*math.Pi*days)*0.9)/total))
}

// selected are the metrics that a preset reads, and those of them whose rate it takes.
func selected(t *testing.T, p *config.Preset) (read, counters map[string]bool) {
	t.Helper()
	read, counters = map[string]bool{}, map[string]bool{}
	for _, task := range p.Tasks {
		exprs := []string{task.Expr}
		if task.Exhaustion != nil && task.Exhaustion.LimitExpr != "" {
			exprs = append(exprs, task.Exhaustion.LimitExpr)
		}
		for _, expr := range exprs {
			parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
			if err != nil {
				t.Fatal(err)
			}
			parser.Inspect(parsed, func(n parser.Node, path []parser.Node) error {
				s, ok := n.(*parser.VectorSelector)
				if !ok {
					return nil
				}
				name := s.Name
				for _, m := range s.LabelMatchers {
					if m.Name == model.MetricNameLabel {
						name = m.Value
					}
				}
				read[name] = true
				for _, above := range path {
					if call, ok := above.(*parser.Call); ok && (call.Func.Name == "rate" || call.Func.Name == "increase") {
						counters[name] = true
					}
				}
				return nil
			})
		}
	}
	return read, counters
}

// startExporter starts an exporter on a free port and gives its URL; the first of args takes the address.
func startExporter(t *testing.T, bin string, env []string, args ...string) string {
	t.Helper()
	address := testkit.FreeAddress(t)
	args[0] = fmt.Sprintf(args[0], address)
	cmd := exec.Command(bin, args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), env...)
	start(t, cmd)
	testkit.WaitStatus(t, time.Minute, "http://"+address+"/metrics", http.StatusOK)
	return "http://" + address
}
