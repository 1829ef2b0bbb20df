package web

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func ask(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, http.NoBody))
	return w
}

func get(t *testing.T, h http.Handler, target string) string {
	t.Helper()
	w := ask(h, http.MethodGet, target)
	require.Equal(t, http.StatusOK, w.Code, "%s: %s", target, w.Body)
	return w.Body.String()
}

func TestRoutes(t *testing.T) {
	o := fake(t)
	o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "api "+r.URL.Path) })
	o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "metrics") })
	h := New(o)
	for _, tc := range []struct {
		method, target string
		status         int
		contentType    string
		contains       string
	}{
		{"GET", "/", 200, "text/html", "Runs out soonest"},
		{"HEAD", "/", 200, "text/html", ""},
		{"GET", "/metrics", 200, "text/plain", "metrics"},
		{"GET", "/tasks", 302, "text/html", ""},
		{"GET", "/tasks?task=requests", 200, "text/html", "checkout-7"},
		{"GET", "/tasks?task=none", 404, "text/html", "There is no task"},
		{"GET", "/series?task=requests&pod=checkout-7&namespace=shop", 200, "text/html", "Past and future"},
		{"GET", "/series?task=requests&namespace=shop", 200, "text/html", "13 series have these labels"},
		{"GET", "/series?task=requests&namespace=other", 404, "text/html", "No series of this task has these labels"},
		{"GET", "/series?task=none", 404, "text/html", "There is no task"},
		{"GET", "/series", 404, "text/html", "There is no task"},
		{"GET", "/config", 200, "text/html", "http://&lt;secret&gt;@prometheus:9090"},
		{"GET", "/static/style.css", 200, "text/css", "--page"},
		{"GET", "/static/plot.css", 200, "text/css", ".plot-line"},
		{"GET", "/static/favicon.svg", 200, "image/svg+xml", "<svg"},
		{"GET", "/-/healthy", 200, "text/plain", "Foresight is healthy."},
		{"GET", "/-/ready", 200, "text/plain", "Foresight is ready."},
		{"GET", "/-/reload", 405, "text/plain", "Method Not Allowed"},
		{"DELETE", "/-/reload", 405, "text/plain", "Method Not Allowed"},
		{"POST", "/-/reload", 500, "text/plain", "no configuration to load"},
		{"GET", "/debug/pprof/", 200, "text/html", "goroutine"},
		{"GET", "/debug/pprof/cmdline", 200, "text/plain", ""},
		{"GET", "/api/foresight/v1/tasks", 200, "application/json", `"task":"filesystem"`},
		{"GET", "/api/foresight/v1/series?task=none", 404, "application/json", `"errorType":"not_found"`},
		{"POST", "/api/v1/query", 200, "text/plain", "api /api/v1/query"},
		{"GET", "/nothing", 404, "text/plain", "not found"},
		{"POST", "/", 405, "text/plain", ""},
	} {
		t.Run(tc.method+" "+tc.target, func(t *testing.T) {
			w := ask(h, tc.method, tc.target)
			require.Equal(t, tc.status, w.Code, w.Body.String())
			require.Contains(t, w.Header().Get("Content-Type"), tc.contentType)
			require.Contains(t, w.Body.String(), tc.contains)
			require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		})
	}
}

func TestReady(t *testing.T) {
	o := fake(t)
	o.Ready = func() error { return errors.New("source http://prometheus:9090: connection refused") }
	h := New(o)
	w := ask(h, http.MethodGet, "/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "Foresight is not ready: source http://prometheus:9090: connection refused\n", w.Body.String())
	require.Equal(t, http.StatusOK, ask(h, http.MethodGet, "/-/healthy").Code)
	require.Contains(t, get(t, h, "/"), "<strong>Not ready:</strong> source http://prometheus:9090: connection refused")
}

func TestReload(t *testing.T) {
	o := fake(t)
	var outcome error
	calls := 0
	o.Reload = func(context.Context) error { calls++; return outcome }
	h := New(o)
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		w := ask(h, method, "/-/reload")
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "Configuration reloaded.\n", w.Body.String())
	}
	outcome = errors.New("foresight.yml:12: tasks[1].step: not a valid duration string")
	w := ask(h, http.MethodPost, "/-/reload")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, w.Body.String(), "foresight.yml:12: tasks[1].step")
	require.Contains(t, w.Body.String(), "the running one stays")
	require.Equal(t, 3, calls)

	foreign := httptest.NewRequest(http.MethodPost, "/-/reload", http.NoBody)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, foreign)
	require.Equal(t, http.StatusForbidden, w.Code, "another site's page must not reload Foresight")
	require.Equal(t, 3, calls)
}

var links = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)

// crawl follows every link from the landing page on and gives the pages by address.
func crawl(t *testing.T, h http.Handler, prefix string) map[string]string {
	t.Helper()
	pages := map[string]string{}
	todo := []string{prefix + "/"}
	for len(todo) > 0 {
		target, _, _ := strings.Cut(todo[0], "#")
		todo = todo[1:]
		if _, seen := pages[target]; seen || strings.Contains(target, pastParam) && !strings.Contains(target, "db-1") {
			continue // the ranges of one series will do
		}
		w := ask(h, http.MethodGet, target)
		require.Contains(t, []int{http.StatusOK, http.StatusFound}, w.Code, target)
		pages[target] = w.Body.String()
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(target, "/debug/pprof") {
			continue
		}
		for _, m := range links.FindAllStringSubmatch(w.Body.String(), -1) {
			link := html.UnescapeString(m[1])
			if strings.HasPrefix(link, "#") {
				require.Contains(t, w.Body.String(), `id="`+link[1:]+`"`, target)
				continue
			}
			u, err := url.Parse(link)
			require.NoError(t, err, link)
			require.Empty(t, u.Scheme+u.Host, "%s links elsewhere: %s", target, link)
			require.True(t, strings.HasPrefix(u.Path, prefix+"/"), "%s links out of the prefix: %s", target, link)
			todo = append(todo, link)
		}
	}
	return pages
}

func TestEveryPage(t *testing.T) {
	for _, prefix := range []string{"", "/monitoring/foresight"} {
		o := fake(t)
		o.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		o.ExternalURL = &url.URL{Scheme: "https", Host: "example.org", Path: prefix + "/"}
		pages := crawl(t, New(o), prefix)
		series := 0
		for target := range pages {
			if strings.HasPrefix(target, prefix+"/series?") {
				series++
			}
		}
		require.Equal(t, 16+2*(len(pasts)-1), series, "all series, those of db-1 with all ranges but the year, of which four weeks are read")
		for target, body := range pages {
			if strings.HasPrefix(body, "<!doctype html>") {
				nothingRuns(t, target, body, prefix)
			}
		}
	}
}

func TestPrefixIsOptional(t *testing.T) {
	o := fake(t)
	o.ExternalURL = &url.URL{Path: "/foresight/"}
	h := New(o)
	require.Equal(t, get(t, h, "/foresight/"), get(t, h, "/"), "a proxy may strip it")
	require.Equal(t, http.StatusOK, ask(h, http.MethodGet, "/-/ready").Code)
	w := ask(h, http.MethodGet, "/foresight")
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "/foresight/", w.Header().Get("Location"))
	require.Equal(t, http.StatusNotFound, ask(h, http.MethodGet, "/foresightful").Code)
}

// nothingRuns reads a page as a browser would and fails on whatever could run or be loaded from elsewhere.
func nothingRuns(t *testing.T, target, body, prefix string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, target)
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		require.NotContains(t, []string{"script", "iframe", "object", "embed", "style", "base"}, start.Name.Local, target)
		if start.Name.Local == "img" {
			require.Equal(t, []xml.Attr{{Name: xml.Name{Local: "src"}, Value: prefix + "/static/favicon.svg"}, {Name: xml.Name{Local: "alt"}}}, start.Attr)
		}
		for _, a := range start.Attr {
			require.False(t, strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || a.Name.Local == "style", "%s: %s", target, a.Name.Local)
		}
	}
}

func TestGoldenPages(t *testing.T) {
	h := New(fake(t))
	for file, target := range map[string]string{
		"landing.html": "/", "task.html": "/tasks?task=filesystem", "task_failed.html": "/tasks?task=latency", "config.html": "/config",
		"tasks.json": "/api/foresight/v1/tasks", "series.json": "/api/foresight/v1/series?task=filesystem&sort=name",
	} {
		got := get(t, h, target)
		if strings.HasSuffix(file, ".json") {
			var data any
			require.NoError(t, json.Unmarshal([]byte(got), &data))
			indented, err := json.MarshalIndent(data, "", "  ")
			require.NoError(t, err)
			got = string(indented) + "\n"
		}
		path := filepath.Join("testdata", file)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, "go test ./internal/web -update rewrites the file")
	}
}

func TestEmptyBoard(t *testing.T) {
	o := fake(t)
	o.Board, o.Config, o.Expr, o.History = &board.Board{}, nil, nil, nil
	h := New(o)
	body := get(t, h, "/")
	require.Contains(t, body, "No task has been evaluated yet")
	require.Contains(t, body, "Every series behaves as expected")
	require.Contains(t, get(t, h, "/config"), "no configuration file")
	require.JSONEq(t, `{"status":"success","data":[]}`, get(t, h, "/api/foresight/v1/tasks"))
}

// TestFuture: a page shows as much of the future as of the past, beside a week or more all that is known within two.
func TestFuture(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct{ known, past, want time.Duration }{
		{7 * day, 6 * time.Hour, 6 * time.Hour},
		{7 * day, 2 * day, 2 * day},
		{7 * day, defaultPast, 7 * day},
		{10 * day, defaultPast, 10 * day},
		{365 * day, defaultPast, 14 * day},
		{7 * day, 28 * day, 7 * day},
		{365 * day, 28 * day, 28 * day},
	} {
		require.Equal(t, c.want, future(c.known, c.past), "%v", c)
	}
}
