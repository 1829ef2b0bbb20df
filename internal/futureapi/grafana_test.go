package futureapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// What Grafana's Prometheus data source sends: forms by POST where it may, times in seconds, steps that divide ranges.
func TestLookups(t *testing.T) {
	h := handler(t, testBoard(), func(o *Options) { o.SeriesLabels = labels.FromStrings("cluster", "eu1") })
	start, end := unix(-24*time.Hour), unix(7*24*time.Hour)
	for _, c := range []struct {
		method, path string
		params       []string
		want         string
	}{
		{"POST", "/api/v1/labels", []string{"start", start, "end", end}, `["__name__","cluster","horizon","instance","job","mode","model","probability","season","service.name","state","task","zone"]`},
		{"GET", "/api/v1/labels", []string{"match[]", `{task="slow",__name__="foresight_expected"}`}, `["__name__","cluster","mode","task"]`},
		{"GET", "/api/v1/label/task/values", []string{"start", start, "end", end}, `["cpu","slow","traffic"]`},
		{"GET", "/api/v1/label/task/values", []string{"match[]", `foresight_expected{job="node"}`}, `["cpu"]`},
		{"GET", "/api/v1/label/instance/values", []string{"match[]", `foresight_expected`, "match[]", `foresight_series_info`}, `["a:9100","b:9100","c:9100"]`},
		{"GET", "/api/v1/label/instance/values", []string{"limit", "1"}, `["a:9100"]`},
		{"GET", "/api/v1/label/cluster/values", nil, `["eu1"]`},
		{"GET", "/api/v1/label/service.name/values", nil, `["shop"]`},
		{"GET", "/api/v1/label/U__service_2e_name/values", nil, `["shop"]`},
		{"GET", "/api/v1/label/nonesuch/values", nil, `[]`},
		{"GET", "/api/v1/label/__name__/values", []string{"match[]", `{task="slow",__name__!~".*task.*"}`}, `["foresight_anomaly_score","foresight_expected","foresight_expected_lower","foresight_expected_upper","foresight_forecast","foresight_series_info","foresight_time_to_exhaustion_seconds"]`},
		{"GET", "/api/v1/label/task/values", []string{"end", unix(-40 * 24 * time.Hour)}, `[]`},
		{"POST", "/api/v1/series", []string{"match[]", `foresight_expected{task="slow"}`}, `[{"__name__":"foresight_expected","cluster":"eu1","mode":"user","task":"slow"}]`},
		{"GET", "/api/v1/series", []string{"match[]", `foresight_expected{mode=""}`, "match[]", `foresight_expected_upper{mode=""}`}, `[{"__name__":"foresight_expected","cluster":"eu1","service.name":"shop","task":"traffic","zone":"eu"},{"__name__":"foresight_expected_upper","cluster":"eu1","service.name":"shop","task":"traffic","zone":"eu"}]`},
		{"GET", "/api/v1/series", []string{"match[]", `foresight_expected`, "start", unix(8 * 24 * time.Hour), "end", unix(9 * 24 * time.Hour)}, `[]`},
		{"GET", "/api/v1/format_query", []string{"query", "sum(  foresight_expected)"}, `"sum(foresight_expected)"`},
		{"GET", "/api/v1/metadata", []string{"metric", "foresight_task_missed_evaluations_total"}, `{"foresight_task_missed_evaluations_total":[{"type":"counter","unit":"","help":"` + board.TaskMissedEvaluations.Help + `"}]}`},
	} {
		a := ask(t, h, c.method, c.path, 200, c.params...)
		require.JSONEq(t, c.want, string(a.Data), "%s %s %v", c.method, c.path, c.params)
	}
	var metadata map[string][]struct{ Type, Help string }
	require.NoError(t, json.Unmarshal(ask(t, h, http.MethodGet, "/api/v1/metadata", 200).Data, &metadata))
	require.Len(t, metadata, len(board.SeriesMetrics)+len(board.TaskMetrics))
	require.Equal(t, "gauge", metadata["foresight_expected"][0].Type)
	require.Len(t, queryRange(t, h, `foresight_expected{cluster="eu1"}`, -86400e9, 6*86400e9, 300e9), 4)
}

func TestHostileRequests(t *testing.T) {
	h := handler(t, testBoard(), nil)
	far := strconv.Itoa(1 << 40)
	for _, c := range []struct {
		path   string
		code   int
		params []string
	}{
		{"/api/v1/query", 400, []string{"query", "foresight_expected{"}},
		{"/api/v1/query", 400, []string{"query", ""}},
		{"/api/v1/query", 400, []string{"query", strings.Repeat("(", 100_000)}},
		{"/api/v1/query", 200, []string{"query", "foresight_expected", "time", "-" + far}},
		{"/api/v1/query", 200, []string{"query", "foresight_expected", "time", far}},
		{"/api/v1/query", 200, []string{"query", `count_over_time(foresight_expected[290y])`, "time", unix(0)}},
		{"/api/v1/query", 200, []string{"query", `foresight_expected offset -290y`}},
		{"/api/v1/query", 200, []string{"query", `foresight_expected @ 1e11`}},
		{"/api/v1/query", 400, []string{"query", `foresight_expected @ Inf`}},
		{"/api/v1/query_range", 400, []string{"query", "foresight_expected", "start", "0", "end", far, "step", "1"}},
		{"/api/v1/query_range", 400, []string{"query", "foresight_expected", "start", "0", "end", "10", "step", "0"}},
		{"/api/v1/query_range", 200, []string{"query", "foresight_expected", "start", unix(0), "end", unix(5 * time.Second), "step", "0.001"}},
		{"/api/v1/series", 400, nil},
		{"/api/v1/series", 400, []string{"match[]", "{}"}},
		{"/api/v1/series", 200, []string{"match[]", `{__name__=~".+"}`, "start", "-" + far, "end", far}},
		{"/api/v1/labels", 400, []string{"match[]", "("}},
		{"/api/v1/labels", 400, []string{"limit", "-1"}},
		{"/api/v1/label/%FF/values", 400, nil},
	} {
		a := ask(t, h, http.MethodGet, c.path, c.code, c.params...)
		require.Equal(t, c.code == 200, a.Error == "", "%s %v: %s", c.path, c.params, a.Error)
	}
	for name, body := range map[string]string{
		"nothing":            "",
		"no snappy":          "foresight_expected",
		"claims 4 GiB":       "\xff\xff\xff\xff\x0f",
		"no protocol buffer": "\x03\x08abc",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/read", strings.NewReader(body)))
		require.Equal(t, http.StatusBadRequest, w.Code, "%s: %s", name, w.Body)
	}
}

func TestEmptyBoard(t *testing.T) {
	h := handler(t, new(board.Board), nil)
	require.Empty(t, instant(t, h, "foresight_expected", 0))
	require.JSONEq(t, `[]`, string(ask(t, h, http.MethodGet, "/api/v1/labels", 200).Data))
	require.JSONEq(t, `[]`, string(ask(t, h, http.MethodGet, "/api/v1/series", 200, "match[]", "up").Data))
}
