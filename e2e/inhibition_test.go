package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const twoTeams = `
source: {url: "http://localhost:9090"}
rules: {labels: {team: x}}
tasks: [{name: t, expr: up}]
`

// TestInhibitions sends alerts to a real Alertmanager with the generated fragment. Each case is another team, so that it
// also shows that teams don't silence each other.
func TestInhibitions(t *testing.T) {
	for i, tc := range []struct {
		name, source     string   // the alert that is sent first, as name{labels}
		silenced, spared []string // of those that are sent with it
	}{
		{
			"limit", `LimitReached{task="t",task_series="a"}`,
			[]string{`ExhaustionPredicted{task="t",task_series="a",within="4d"}`},
			[]string{`ExhaustionPredicted{task="t",task_series="b"}`, `ExhaustionPredicted{task="u",task_series="a"}`, `Anomaly{task="t",task_series="a"}`},
		},
		{
			"threshold", `ThresholdCrossed{task="t",task_series="a",task_threshold="above"}`,
			[]string{`ThresholdPredicted{task="t",task_series="a",task_threshold="above"}`},
			[]string{`ThresholdPredicted{task="t",task_series="a",task_threshold="below"}`, `ThresholdPredicted{task="t",task_series="b",task_threshold="above"}`},
		},
		{
			"graver", `ExhaustionPredicted{task="t",task_series="a",within="1d",severity="critical"}`,
			[]string{`ExhaustionPredicted{task="t",task_series="a",within="4d",severity="warning"}`},
			[]string{`ExhaustionPredicted{task="t",task_series="b",within="4d",severity="warning"}`},
		},
		{
			"group", `GroupAnomaly{task="t",task_group="g"}`,
			[]string{`Outlier{task="t",task_group="g",task_series="a"}`, `Outlier{task="t",task_group="g",task_series="b"}`},
			[]string{`Outlier{task="t",task_group="h",task_series="c"}`, `ThresholdPredicted{task="t",task_group="g",task_series="a"}`},
		},
		{
			"stale", `TaskStale{task="t"}`,
			[]string{`Anomaly{task="t",task_series="a"}`, `ExhaustionPredicted{task="t"}`, `CoverageOff{task="t"}`},
			[]string{`Anomaly{task="u"}`, `ThresholdCrossed{task="t"}`, `LimitReached{task="t",task_series="z"}`},
		},
		{
			"source", `SourceUnreachable{instance="a"}`,
			[]string{`Anomaly{task="t"}`, `ThresholdPredicted{task="u"}`, `TaskStale{task="v"}`},
			[]string{`ThresholdCrossed{task="t"}`, `LimitReached{task="t"}`, `ConfigurationRejected{instance="a"}`},
		},
		{"nothing", `ConfigurationRejected{instance="a"}`, nil, []string{`Anomaly{task="t"}`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			am := alertmanagerFor(t)
			team := fmt.Sprint("team-", i)
			post(t, am, team, append(append([]string{tc.source}, tc.silenced...), tc.spared...))
			post(t, am, "another team", append(append([]string{}, tc.silenced...), tc.spared...))
			want := map[string]string{}
			for _, a := range append(tc.spared, tc.source) {
				want[key(parseAlert(t, a, team))] = "active"
			}
			for _, a := range append(append([]string{}, tc.silenced...), tc.spared...) {
				want[key(parseAlert(t, a, "another team"))] = "active"
			}
			for _, a := range tc.silenced {
				want[key(parseAlert(t, a, team))] = "suppressed"
			}
			testkit.WaitFor(t, 30*time.Second*slowdown, "the states", func() error {
				got := map[string]string{}
				for _, a := range alertsOf(t, am, "") {
					got[key(a.Labels)] = a.Status.State
				}
				if !maps.Equal(got, want) {
					return fmt.Errorf("got %v, want %v", got, want)
				}
				return nil
			})
		})
	}
}

func alertmanagerFor(t *testing.T) *testkit.Server {
	t.Helper()
	fragment := generateRules(t, twoTeams)["foresight.alertmanager.yml"]
	return testkit.StartAlertmanager(t, testkit.FindTool(t, "alertmanager"), startReceivers(t).adopt(fragment))
}

// parseAlert reads the labels of an alert of a team, written as name{labels}.
func parseAlert(t *testing.T, text, team string) map[string]string {
	t.Helper()
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, "}"), "{")
	out := map[string]string{"alertname": "Foresight" + name, "team": team}
	for pair := range strings.SplitSeq(rest, ",") {
		label, value, ok := strings.Cut(pair, "=")
		if !ok {
			t.Fatalf("%q is no label", pair)
		}
		out[label] = strings.Trim(value, `"`)
	}
	return out
}

func key(l map[string]string) string { return labels.FromMap(l).String() }

func post(t *testing.T, am *testkit.Server, team string, alerts []string) {
	t.Helper()
	var body []map[string]any
	for _, a := range alerts {
		body = append(body, map[string]any{"labels": parseAlert(t, a, team)})
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, am.URL+"/api/v2/alerts", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d", resp.StatusCode)
	}
}
