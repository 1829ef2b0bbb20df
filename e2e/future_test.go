package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/collector"
	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/futureapi"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/rules"
)

const (
	ahead  = 7 * 24 * time.Hour
	behind = 24 * time.Hour
	wrong  = 1000.0 // what the past is off by in the curves: a sample of it in Prometheus gives it away
)

// waveAt is what is expected at a time: a daily wave between 50 and 150.
func waveAt(ms int64) float64 {
	return 100 + 50*math.Sin(2*math.Pi*float64(ms)/float64(24*time.Hour.Milliseconds()))
}

// futureWave is the curve of a series whose past differs from what was published.
type futureWave struct{ origin int64 }

func (w futureWave) Curve(dst []board.Point, from, to int64, step time.Duration) ([]board.Point, int64) {
	s := step.Milliseconds()
	for t := (max(from, w.origin-28*24*time.Hour.Milliseconds()) + s - 1) / s * s; t <= min(to, w.origin+15*24*time.Hour.Milliseconds()); t += s {
		v := waveAt(t)
		if t < w.origin {
			v += wrong
		}
		dst = append(dst, board.Point{T: t, Interval: models.Interval{Mean: v, Lower: v - 20, Upper: v + 20}})
	}
	return dst, w.origin
}

// futureTask is a task of one series.
type futureTask struct {
	name   string
	step   time.Duration
	labels labels.Labels // as the source has them
	full   time.Duration // when its limit is reached with a probability of 0.9; 0: it has none
}

var futureTasks = []futureTask{
	{"fast", time.Minute, labels.FromStrings("job", "node", "instance", "a:9100", "mode", "user"), 0},
	{"usual", 5 * time.Minute, labels.FromStrings("mode", "user"), 0},
	{"slow", time.Hour, labels.FromStrings("instance", "b:9100"), 0},
	{"filling", 5 * time.Minute, labels.FromStrings("mode", "data"), 10 * 24 * time.Hour},
}

// publishWaves gives a board of the tasks at their newest origins.
func publishWaves(now time.Time) *board.Board {
	b := new(board.Board)
	for _, task := range futureTasks {
		origin := now.Truncate(task.step).UnixMilli()
		v := waveAt(origin)
		ls := map[string]string{"job": "", "instance": "", "task": task.name}
		task.labels.Range(func(l labels.Label) { ls[l.Name] = l.Value })
		var pairs []labels.Label
		for n, v := range ls {
			pairs = append(pairs, labels.Label{Name: n, Value: v})
		}
		s := &board.Snapshot{
			Task: task.name, Origin: origin, Step: task.step, Level: 0.95, Horizon: ahead, History: 28 * 24 * time.Hour,
			LastSuccess: now, Groups: []board.Group{board.GroupExpected},
			Series: []board.Series{{Labels: labels.New(pairs...), State: models.StateOK, Model: "wave", Season: "1d", Ahead: futureWave{origin}}},
			Columns: []board.Column{
				{Metric: board.Expected, Values: []float64{v}}, {Metric: board.ExpectedLower, Values: []float64{v - 20}}, {Metric: board.ExpectedUpper, Values: []float64{v + 20}},
			},
		}
		if task.full > 0 {
			s.Columns = append(s.Columns, board.Column{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.9", Values: []float64{task.full.Seconds()}})
		}
		s.States[models.StateOK] = 1
		b.Publish(s)
	}
	return b
}

// scrapedPast is what a Prometheus has of the tasks that has scraped them for a day: the value of the origin at that time.
func scrapedPast() []testkit.History {
	var all []testkit.History
	for _, task := range futureTasks {
		ls := labels.NewBuilder(task.labels).Set("task", task.name).Labels()
		for name, edge := range map[string]float64{"foresight_expected": 0, "foresight_expected_lower": -20, "foresight_expected_upper": 20} {
			all = append(all, testkit.History{Name: name, Labels: ls, Value: func(t time.Time) float64 {
				return waveAt(t.Truncate(task.step).UnixMilli()) + edge
			}})
		}
	}
	return all
}

const futureConfig = `
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: eu1, replica: a}}
rule_files: [%s]
scrape_configs:
  - {job_name: foresight, honor_labels: true, static_configs: [{targets: ["%s"]}]}
%s`

const futureRules = `
groups:
  - name: ahead
    rules:
      - {record: foresight:expected_upper:max6h, expr: "max_over_time(foresight_expected_upper[6h:5m] offset -6h)"}
      - {alert: HighInADay, expr: "max_over_time(foresight_expected_upper{task=\"usual\"}[1d:5m] offset -1d) > 169"}
      - {alert: NeverHigh, expr: "max_over_time(foresight_expected_upper{task=\"usual\"}[1d:5m] offset -1d) > 171"}
`

// generatedRules are those of a configuration that reads ahead, for the task "usual".
func generatedRules(t *testing.T) []byte {
	t.Helper()
	c, err := config.Parse("foresight.yml", []byte(`
source: {url: "http://localhost:9090"}
rules: {lookahead: remote_read}
tasks:
  - {name: usual, expr: anything, horizons: [1d], threshold: {above: 149}, alert: {for: 10m}}
`))
	require.NoError(t, err)
	set, err := rules.Generate(c)
	require.NoError(t, err)
	text, err := yaml.Marshal(rulefmt.RuleGroups{Groups: set.RuleGroups("usual")})
	require.NoError(t, err)
	return text
}

// documentedRemoteRead is the configuration that docs/future.md gives, for a Foresight at an address, with less patience.
func documentedRemoteRead(t *testing.T, address string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.Root(), "docs", "future.md"))
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(text), "```yaml\nremote_read:\n")
	block, _, found := strings.Cut(block, "```")
	require.True(t, found, "docs/future.md has a remote_read block")
	return "remote_read:\n" + strings.NewReplacer("foresight:10780", address, "remote_timeout: 10s", "remote_timeout: 2s").Replace(block)
}

func TestFutureThroughPrometheus(t *testing.T) {
	for version, find := range map[string]func() string{
		"newest": func() string { return testkit.FindTool(t, "prometheus") },
		"2.42":   func() string { return testkit.FindPrometheus2(t) },
	} {
		t.Run(version, func(t *testing.T) { testFuture(t, find()) })
	}
}

func testFuture(t *testing.T, bin string) {
	t.Helper()
	now := time.Now()
	b := publishWaves(now)
	api, err := futureapi.New(b, futureapi.Options{})
	require.NoError(t, err)
	var reads atomic.Int64
	var slow atomic.Bool
	mux := http.NewServeMux()
	mux.Handle("/metrics", collector.New(b, nil, collector.Options{}))
	mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		reads.Add(1)
		if slow.Load() {
			_, _ = io.Copy(io.Discard, r.Body) // until then a client that has gone is not noticed
			<-r.Context().Done()
			return
		}
		api.ServeHTTP(w, r)
	})
	foresight := httptest.NewServer(mux)
	defer foresight.Close()

	ruleDir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(ruleDir, "own.yml"), []byte(futureRules), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(ruleDir, "generated.yml"), generatedRules(t), 0o600))
	promtool := testkit.FindTool(t, "promtool")
	address := strings.TrimPrefix(foresight.URL, "http://")
	p := testkit.StartPrometheus(t, bin, fmt.Sprintf(futureConfig, ruleDir+"/*.yml", address, documentedRemoteRead(t, address)), func(dir string) {
		testkit.CreateBlocks(t, promtool, dir, now.Add(-behind-10*time.Minute), now.Add(-time.Minute), time.Minute, scrapedPast())
	})
	testkit.WaitFor(t, time.Minute, "a scrape", func() error {
		if len(testkit.MustQuery(t, p.URL, "foresight_task_series", time.Time{})) == 0 {
			return errors.New("nothing scraped yet")
		}
		return nil
	})

	t.Run("one continuous series from yesterday to next week", func(t *testing.T) {
		for _, task := range futureTasks {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				checkContinuity(t, p.URL, method, task, time.Now())
			}
		}
	})
	t.Run("a week ahead, or until the limit is reached", func(t *testing.T) {
		for _, task := range futureTasks {
			reach := max(ahead, task.full)
			at := func(d time.Duration) string {
				return fmt.Sprintf("foresight_expected{task=%q} @ %d", task.name, time.Now().Add(d).Unix())
			}
			require.Len(t, testkit.MustQuery(t, p.URL, at(reach-10*time.Minute), time.Time{}), 1, "%s before %v", task.name, reach)
			require.Empty(t, testkit.MustQuery(t, p.URL, at(reach+10*time.Minute), time.Time{}), "%s after %v", task.name, reach)
		}
	})
	t.Run("rules that look ahead", func(t *testing.T) { checkRules(t, p.URL) })
	t.Run("scaling ahead", func(t *testing.T) { checkAutoscaling(t, p.URL) })
	t.Run("Grafana's lookups", func(t *testing.T) {
		now := time.Now()
		span := url.Values{"start": {strconv.FormatInt(now.Add(-behind).Unix(), 10)}, "end": {strconv.FormatInt(now.Add(ahead).Unix(), 10)}}
		for path, want := range map[string]string{
			"/api/v1/series?match[]=foresight_expected&": `"task":"slow"`,
			"/api/v1/labels?match[]=foresight_expected&": `"task"`,
			"/api/v1/labels?": `"task"`,
			"/api/v1/label/task/values?match[]=foresight_expected&": `"slow"`,
			"/api/v1/label/__name__/values?":                        `"foresight_expected_upper"`,
		} {
			body := testkit.MustGet(t, p.URL+path+span.Encode())
			require.Contains(t, body, `"status":"success"`, path)
			require.Contains(t, body, want, path)
		}
	})
	t.Run("other queries are not forwarded", func(t *testing.T) {
		for _, query := range []string{"up", `{job="foresight"}`, `count({__name__=~"foresight_expected|up"})`, "foresight_task_series", `{__name__=~".+"}`} {
			status, body := tracked(t, &slow, p.URL, query)
			require.Equal(t, http.StatusOK, status, query)
			require.NotContains(t, body, "warnings", "%s was sent to Foresight, which does not answer now", query)
		}
	})
	t.Run("a slow Foresight costs a warning", func(t *testing.T) {
		slow.Store(true)
		defer slow.Store(false)
		checkWarning(t, p.URL)
	})
	require.Positive(t, reads.Load())
	t.Run("a dead Foresight costs a warning", func(t *testing.T) {
		foresight.CloseClientConnections()
		foresight.Close()
		checkWarning(t, p.URL)
		require.Len(t, testkit.MustQuery(t, p.URL, "prometheus_build_info or vector(1)", time.Time{}), 1)
	})
}

// tracked asks while Foresight does not answer, so that a forwarded query would carry a warning.
func tracked(t *testing.T, slow *atomic.Bool, base, query string) (int, string) {
	t.Helper()
	slow.Store(true)
	defer slow.Store(false)
	status, body, err := testkit.Get(t, base+"/api/v1/query?"+url.Values{"query": {query}}.Encode())
	require.NoError(t, err)
	return status, body
}

// checkWarning asks for the future while Foresight does not answer.
func checkWarning(t *testing.T, base string) {
	t.Helper()
	begin := time.Now()
	body := testkit.MustGet(t, base+"/api/v1/query?"+url.Values{"query": {"foresight_expected"}}.Encode())
	require.Contains(t, body, `"warnings":["remote_read`)
	require.Contains(t, body, `"task":"usual"`, "what was scraped is answered")
	require.Less(t, time.Since(begin), 10*time.Second)
}

func checkContinuity(t *testing.T, base, method string, task futureTask, now time.Time) {
	t.Helper()
	const step = 5 * time.Minute
	start, end := now.Add(-behind).Truncate(step), now.Add(ahead).Truncate(step)
	form := url.Values{
		"query": {fmt.Sprintf("foresight_expected{task=%q}", task.name)},
		"start": {strconv.FormatInt(start.Unix(), 10)}, "end": {strconv.FormatInt(end.Unix(), 10)}, "step": {"300"},
	}
	var answer struct {
		Warnings []string
		Data     struct{ Result model.Matrix }
	}
	require.NoError(t, json.Unmarshal([]byte(send(t, method, base+"/api/v1/query_range", form)), &answer))
	require.Empty(t, answer.Warnings)
	require.Len(t, answer.Data.Result, 1, "scraped and read are one series: %v", answer.Data.Result)
	one := answer.Data.Result[0]
	require.Len(t, one.Values, int(end.Sub(start)/step)+1)
	for i, v := range one.Values {
		require.Equal(t, model.TimeFromUnixNano(start.Add(time.Duration(i)*step).UnixNano()), v.Timestamp)
		stale := 2 * time.Minute // of what is read
		if v.Timestamp.Time().Before(now) {
			stale = task.step + 6*time.Minute // of what is scraped
		}
		steepest := 50 * 2 * math.Pi / 24 * stale.Hours()
		require.InDelta(t, waveAt(int64(v.Timestamp)), float64(v.Value), steepest+0.5,
			"%s at %v, %v from now", task.name, v.Timestamp.Time(), v.Timestamp.Time().Sub(now))
	}
}

func send(t *testing.T, method, address string, form url.Values) string {
	t.Helper()
	var r *http.Request
	var err error
	if method == http.MethodPost {
		r, err = http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r, err = http.NewRequestWithContext(t.Context(), method, address+"?"+form.Encode(), http.NoBody)
		require.NoError(t, err)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", body)
	return string(body)
}

func checkRules(t *testing.T, base string) {
	t.Helper()
	testkit.WaitFor(t, time.Minute, "the rules", func() error {
		firing := testkit.MustQuery(t, base, `ALERTS{alertstate="firing"}`, time.Time{})
		if len(firing) != 1 || firing[0].Labels["alertname"] != "HighInADay" {
			return fmt.Errorf("firing: %v", firing)
		}
		return nil
	})
	predicted := `ALERTS{alertname="ForesightThresholdPredicted", alertstate="pending", task="usual", mode="user"}`
	testkit.WaitFor(t, time.Minute, "the generated rule", func() error { return series(t, base, predicted, 1) })
	recorded := testkit.MustQuery(t, base, "foresight:expected_upper:max6h", time.Time{})
	require.Len(t, recorded, len(futureTasks))
	highest := math.Inf(-1)
	for at := time.Now(); at.Before(time.Now().Add(6 * time.Hour)); at = at.Add(time.Minute) {
		highest = max(highest, waveAt(at.UnixMilli())+20)
	}
	for _, s := range recorded {
		require.InDelta(t, highest, s.Value, 3, "%v", s.Labels)
	}
}

// checkAutoscaling runs the queries of deploy/autoscaling.
func checkAutoscaling(t *testing.T, base string) {
	t.Helper()
	var queries []string
	dir := filepath.Join(testkit.Root(), "deploy", "autoscaling")
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var doc yaml.Node
			if err := d.Decode(&doc); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err, file)
			}
			queries = append(queries, queriesIn(&doc)...)
		}
	}
	require.Len(t, queries, 2, "one of each example")
	expected := math.Inf(-1)
	for at := time.Now(); at.Before(time.Now().Add(15 * time.Minute)); at = at.Add(time.Minute) {
		expected = max(expected, waveAt(at.UnixMilli()))
	}
	for _, query := range queries {
		query = strings.NewReplacer(
			"checkout_traffic", "usual", // the task of the examples
			"<<.Series>>", "foresight_expected", "<<.LabelMatchers>>", `task="usual"`, "<<.GroupBy>>", "task",
			`namespace="shop"`, `mode="user"`,
		).Replace(query)
		got := testkit.MustQuery(t, base, query, time.Time{})
		require.Len(t, got, 1, query)
		require.InDelta(t, expected, got[0].Value, 2, query)
	}
}

// queriesIn gives the values of the keys query and metricsQuery.
func queriesIn(n *yaml.Node) []string {
	var found []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i].Value; (key == "query" || key == "metricsQuery") && n.Content[i+1].Kind == yaml.ScalarNode {
				found = append(found, strings.TrimSpace(n.Content[i+1].Value))
			}
		}
	}
	for _, c := range n.Content {
		found = append(found, queriesIn(c)...)
	}
	return found
}
