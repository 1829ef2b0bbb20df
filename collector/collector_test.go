package collector

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const openMetrics = "application/openmetrics-text;version=1.0.0"

// scrape asks c as a client with these headers (name, value, ...) does.
func scrape(t testing.TB, c http.Handler, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func TestGolden(t *testing.T) {
	for _, tc := range []struct{ file, accept, contentType string }{
		{"everything.txt", "", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"},
		{"everything.om", openMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"},
		{"everything_utf8.om", openMetrics + ";escaping=allow-utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"},
		{"everything_dots.txt", "text/plain;version=0.0.4;escaping=dots", "text/plain; version=0.0.4; charset=utf-8; escaping=dots"},
		{"everything_values.txt", "text/plain;version=0.0.4;escaping=values", "text/plain; version=0.0.4; charset=utf-8; escaping=values"},
	} {
		t.Run(tc.file, func(t *testing.T) {
			w := scrape(t, New(everything(), self(), Options{}), "Accept", tc.accept)
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, tc.contentType, w.Header().Get("Content-Type"))
			file := filepath.Join("testdata", tc.file)
			if *update {
				require.NoError(t, os.WriteFile(file, w.Body.Bytes(), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), w.Body.String(), "go test ./collector -update rewrites the file")
			parse(t, w.Body.Bytes(), tc.contentType)
		})
	}
}

func TestGoldenCoversEveryMetric(t *testing.T) {
	body := scrape(t, New(everything(), nil, Options{}), "Accept", openMetrics).Body.String()
	for _, m := range append(append([]board.Metric{}, board.SeriesMetrics...), board.TaskMetrics...) {
		name := m.Name
		if m.Counter {
			name = strings.TrimSuffix(name, "_total")
		}
		require.Equal(t, 1, strings.Count(body, "# HELP "+name+" "), m.Name)
		require.Equal(t, 1, strings.Count(body, "# TYPE "+name+" "), m.Name)
		require.Contains(t, body, "\n"+m.Name+"{", m.Name)
		require.False(t, strings.ContainsAny(m.Help, "\\\"\n"), "the help of %s would need escaping", m.Name)
	}
}

// promtool is the newest Prometheus's.
func promtool(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("FORESIGHT_TOOLS")
	if dir == "" {
		dir = filepath.Join("..", ".tools")
	}
	tool, err := filepath.Abs(filepath.Join(dir, "promtool"))
	require.NoError(t, err)
	if _, err := os.Stat(tool); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("promtool is missing: %v", err)
		}
		t.Skipf("NOT RUN, promtool is missing: %v", err)
	}
	return tool
}

func TestPromtoolAcceptsScrape(t *testing.T) {
	tool := promtool(t)
	for _, file := range []string{"everything.txt", "everything_dots.txt"} {
		golden, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		check := exec.CommandContext(t.Context(), tool, "check", "metrics")
		check.Stdin = bytes.NewReader(golden)
		out, err := check.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Empty(t, string(out))
	}
}

func TestNegotiation(t *testing.T) {
	for accept, want := range map[string]string{
		"":    "text/plain; version=0.0.4",
		"*/*": "text/plain; version=0.0.4",
		"text/html,application/xhtml+xml,*/*;q=0.8": "text/plain; version=0.0.4",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3": "text/plain; version=0.0.4",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited":                                      "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5":     "application/openmetrics-text; version=1.0.0",
		"application/openmetrics-text;version=0.0.1": "application/openmetrics-text; version=0.0.1",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2": "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
	} {
		require.Contains(t, string(negotiate(http.Header{"Accept": {accept}})), want, accept)
	}
}

func TestGzip(t *testing.T) {
	c := New(everything(), self(), Options{})
	plain := scrape(t, c)
	require.Empty(t, plain.Header().Get("Content-Encoding"))
	for range 2 { // the second takes its writers from the pools
		packed := scrape(t, c, "Accept-Encoding", "deflate, gzip;q=0.8")
		require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
		z, err := gzip.NewReader(packed.Body)
		require.NoError(t, err)
		got, err := io.ReadAll(z)
		require.NoError(t, err)
		require.Equal(t, plain.Body.String(), string(got))
	}
	for accept, want := range map[string]bool{"": false, "gzip": true, "GZIP": true, "gzip;q=0": false, "gzip; q=0.0": false, "zstd, br": false, "br,gzip;q=1": true} {
		require.Equal(t, want, acceptsGzip([]string{accept}), accept)
	}
}

type gatherer func() ([]*dto.MetricFamily, error)

func (g gatherer) Gather() ([]*dto.MetricFamily, error) { return g() }

func TestFailingGathererKeepsTheBoard(t *testing.T) {
	var log bytes.Buffer
	failing := gatherer(func() ([]*dto.MetricFamily, error) {
		families, err := self().Gather()
		require.NoError(t, err)
		return families[:1], errors.New("collector broke")
	})
	c := New(everything(), failing, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := scrape(t, c, "Accept", openMetrics)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `foresight_expected{task="disk"`)
	require.Contains(t, w.Body.String(), "foresight_fit_duration_seconds_count 1")
	require.True(t, strings.HasSuffix(w.Body.String(), "# EOF\n"))
	require.Contains(t, log.String(), "collector broke")
}

func TestEmptyBoard(t *testing.T) {
	require.Empty(t, scrape(t, New(&board.Board{}, nil, Options{})).Body.String())
	require.Equal(t, "# EOF\n", scrape(t, New(&board.Board{}, prometheus.NewRegistry(), Options{}), "Accept", openMetrics).Body.String())
}

func TestScrapesAtOnceAreLimited(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := gatherer(func() ([]*dto.MetricFamily, error) {
		entered <- struct{}{}
		<-leave
		return nil, nil
	})
	c := New(everything(), slow, Options{MaxConcurrent: 1})
	done := make(chan int)
	go func() { done <- scrape(t, c).Code }()
	<-entered
	w := scrape(t, c)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "already answering 1 scrapes")
	close(leave)
	require.Equal(t, http.StatusOK, <-done)
}

func TestScrapeTimeoutEndsWithTheRequest(t *testing.T) {
	server := httptest.NewServer(New(everything(), self(), Options{}))
	defer server.Close()
	for _, timeout := range []string{"0.01", "10", "nonsense", "-1", "NaN"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
		got := scrapeTimeout(r.Header) != patience
		require.Equal(t, timeout == "0.01" || timeout == "10", got, timeout)
		if timeout == "0.01" {
			continue // it may pass before the answer is written
		}
		answer, err := server.Client().Do(r)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
}

type gone struct{ writes int }

func (g *gone) Write([]byte) (int, error) {
	g.writes++
	return 0, errors.New("connection reset by peer")
}

func TestClientThatHasGoneIsNotWrittenToAgain(t *testing.T) {
	c := New(large(2000), self(), Options{})
	client := &gone{}
	c.write(client, negotiate(nil))
	require.Equal(t, 1, client.writes)
	require.Equal(t, http.StatusOK, scrape(t, c).Code)
}

func TestLinesCostNoAllocations(t *testing.T) {
	c := New(large(1000), nil, Options{})
	text := negotiate(nil)
	c.write(io.Discard, text) // renders the labels
	allocations := testing.AllocsPerRun(10, func() { c.write(io.Discard, text) })
	require.Less(t, allocations, 500.0, "for 12,000 lines") // about 20; the race detector empties pools
}

func TestHiddenColumnsAreNotExposed(t *testing.T) {
	b := everything()
	require.NotNil(t, b.Task("latency").Column(board.Observed, ""))
	require.NotContains(t, scrape(t, New(b, nil, Options{})).Body.String(), `foresight_observed{task="latency"`)
}

func TestScrapesDuringPublication(t *testing.T) {
	b := everything()
	c := New(b, self(), Options{})
	sizes := []int{0, 1, 50, 3}
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 40 {
			s := *large(sizes[i%len(sizes)]).Snapshots()[0]
			b.Publish(&s)
			b.Retain(func(task string) bool { return i%5 != 0 || task != s.Task })
		}
	})
	var answers [3][]*httptest.ResponseRecorder
	for i := range answers {
		all.Go(func() {
			for range 20 {
				answers[i] = append(answers[i], scrape(t, c, "Accept", openMetrics))
			}
		})
	}
	all.Wait()
	for _, w := range slices.Concat(answers[:]...) {
		samples := parse(t, w.Body.Bytes(), w.Header().Get("Content-Type"))
		require.Contains(t, samples, `{__name__="foresight_task_missed_evaluations_total", task="disk"}`)
	}
}
