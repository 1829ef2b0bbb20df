package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// fakePrometheus has one series of a day's season under any expression, and answers instant and range queries.
type fakePrometheus struct {
	*httptest.Server
	queries atomic.Int64
	dead    atomic.Bool
	hangs   atomic.Bool // it takes requests and doesn't answer
}

func newFakePrometheus(t *testing.T) *fakePrometheus {
	t.Helper()
	p := &fakePrometheus{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *fakePrometheus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.queries.Add(1)
	if p.hangs.Load() {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the client goes
		<-r.Context().Done()
		return
	}
	if p.dead.Load() {
		http.Error(w, "gone", http.StatusServiceUnavailable)
		return
	}
	seconds := func(name string) int64 {
		v, _ := strconv.ParseFloat(r.FormValue(name), 64)
		return int64(v)
	}
	sample := func(at int64) []any {
		v := 100 + 20*math.Sin(2*math.Pi*float64(at%86400)/86400) + float64(at*7919%13)/13
		if strings.HasPrefix(r.FormValue("query"), "count") {
			v = 1
		}
		return []any{at, strconv.FormatFloat(v, 'g', -1, 64)}
	}
	one := map[string]any{"metric": map[string]string{"__name__": "m", "job": "app", "instance": "a"}}
	kind := "vector"
	if strings.HasSuffix(r.URL.Path, "query_range") {
		kind = "matrix"
		var values [][]any
		for at, step := seconds("start"), max(1, seconds("step")); at <= seconds("end"); at += step {
			values = append(values, sample(at))
		}
		one["values"] = values
	} else {
		one["value"] = sample(seconds("time"))
	}
	answer := map[string]any{"resultType": kind, "result": []any{one}}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": answer}) // the client may have gone
}

// config follows one series of it.
func (p *fakePrometheus) config(more string) string {
	return "source: {url: '" + p.URL + "'}\ndefaults: {history: 3d}\ntasks:\n  - {name: load, expr: m}\n" + more
}

// runningApp is an app whose Run goes on in a goroutine until the test ends.
type runningApp struct {
	*App
	file string
	url  string
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, config string, change func(*Options)) *runningApp {
	t.Helper()
	file := filepath.Join(t.TempDir(), "foresight.yml")
	write(t, file, config)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o := Options{ConfigFile: file, Listener: l}
	if change != nil {
		change(&o)
	}
	a, err := New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	r := &runningApp{App: a, file: file, url: "http://" + l.Addr().String(), stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err, ok := <-r.done; ok && err != nil {
			t.Errorf("the app ended with %v", err)
		}
	})
	return r
}

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func (r *runningApp) waitReady(t *testing.T) {
	t.Helper()
	testkit.WaitStatus(t, time.Minute, r.url+"/-/ready", http.StatusOK)
}

func (r *runningApp) reload(t *testing.T) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/-/reload", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func TestReload(t *testing.T) {
	r := start(t, newFakePrometheus(t).config(""), nil)
	r.waitReady(t)
	good, err := os.ReadFile(r.file)
	require.NoError(t, err)

	write(t, r.file, string(good)+"  - {name: broken, expr: 'sum('}\n")
	status, body := r.reload(t)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, body, "broken")
	metrics := testkit.MustGet(t, r.url+"/metrics")
	require.Contains(t, metrics, "foresight_config_last_reload_successful 0\n")
	require.Contains(t, metrics, `foresight_task_last_success_timestamp_seconds{task="load"}`)
	require.NotContains(t, testkit.MustGet(t, r.url+"/config"), "broken")

	write(t, r.file, string(good)+"  - {name: second, expr: n}\n")
	status, body = r.reload(t)
	require.Equal(t, http.StatusOK, status, body)
	r.waitReady(t)
	metrics = testkit.MustGet(t, r.url+"/metrics")
	require.Contains(t, metrics, "foresight_config_last_reload_successful 1\n")
	require.Contains(t, metrics, `task="second"`)
	require.Contains(t, metrics, `task="load"`)
}

// Whatever goes on, a scrape is answered: while histories are read and fitted, while the configuration is reloaded, and
// while the source is dead.
func TestScrapesAlwaysSucceed(t *testing.T) {
	p := newFakePrometheus(t)
	r := start(t, p.config(""), nil)
	end, cancel := context.WithCancel(t.Context())
	scraped := make(chan error, 1)
	var scrapes atomic.Int64
	go func() {
		for end.Err() == nil {
			status, body, err := testkit.Get(t, r.url+"/metrics")
			if err == nil && (status != http.StatusOK || !strings.Contains(body, "foresight_build_info")) {
				err = fmt.Errorf("status %d: %s", status, body)
			}
			if err != nil {
				scraped <- err
				return
			}
			scrapes.Add(1)
		}
		scraped <- nil
	}()
	more := func(what string) {
		t.Helper()
		before := scrapes.Load()
		testkit.WaitFor(t, time.Minute, "scrapes "+what, func() error {
			if n := scrapes.Load() - before; n < 3 && len(scraped) == 0 {
				return fmt.Errorf("%d scrapes", n)
			}
			return nil
		})
	}
	r.waitReady(t)
	more("after the first fit")
	for i := range 5 {
		write(t, r.file, p.config(fmt.Sprintf("  - {name: more%d, expr: m}\n", i)))
		require.NoError(t, r.Reload())
	}
	more("after reloads")
	p.dead.Store(true)
	before := p.queries.Load()
	write(t, r.file, p.config("  - {name: late, expr: m}\n"))
	require.NoError(t, r.Reload())
	testkit.WaitFor(t, time.Minute, "a query of the dead source", func() error {
		if p.queries.Load() == before || !strings.Contains(testkit.MustGet(t, r.url+"/metrics"), "foresight_source_up 0\n") {
			return fmt.Errorf("%d queries", p.queries.Load())
		}
		return nil
	})
	more("of a dead source")
	cancel()
	require.NoError(t, <-scraped)
	require.Contains(t, testkit.MustGet(t, r.url+"/metrics"), `foresight_expected{`, "what was published stays")
}

// A source that hangs holds up neither scrapes nor a reload nor the end.
func TestHangingSource(t *testing.T) {
	p := newFakePrometheus(t)
	p.hangs.Store(true)
	r := start(t, p.config(""), nil)
	asked := func(n int64) {
		t.Helper()
		testkit.WaitFor(t, time.Minute, "queries", func() error {
			if got := p.queries.Load(); got < n {
				return fmt.Errorf("%d, want %d", got, n)
			}
			return nil
		})
	}
	asked(1)
	require.Contains(t, testkit.MustGet(t, r.url+"/metrics"), "foresight_build_info")
	write(t, r.file, strings.Replace(p.config(""), "name: load", "name: other", 1))
	status, body := r.reload(t)
	require.Equal(t, http.StatusOK, status, body)
	asked(2)
	require.Contains(t, testkit.MustGet(t, r.url+"/metrics"), "foresight_build_info")
	status, body, err := testkit.Get(t, r.url+"/-/ready")
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "other")
	begin := time.Now()
	r.stop()
	require.NoError(t, <-r.done)
	close(r.done)
	require.Less(t, time.Since(begin), 30*time.Second, "well below the timeout of a query")
}

func TestStopKeepsWhatWasLearnt(t *testing.T) {
	p := newFakePrometheus(t)
	dir := t.TempDir()
	r := start(t, p.config(""), func(o *Options) { o.StoragePath = dir })
	r.waitReady(t)
	r.stop()
	require.NoError(t, <-r.done)
	close(r.done)
	_, _, err := testkit.Get(t, r.url+"/metrics")
	require.Error(t, err, "it still serves")
	kept, err := filepath.Glob(filepath.Join(dir, "*.state"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
}

func TestExternalURLWithPath(t *testing.T) {
	r := start(t, newFakePrometheus(t).config(""), func(o *Options) { o.ExternalURL = "https://example.org/fore/sight/" })
	r.waitReady(t)
	require.Equal(t, "https://example.org/fore/sight", r.URL())
	for _, path := range []string{"/metrics", "/fore/sight/metrics", "/fore/sight/-/healthy", "/-/healthy", "/fore/sight/api/v1/status/buildinfo"} {
		status, body, err := testkit.Get(t, r.url+path)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
	}
	page := testkit.MustGet(t, r.url+"/fore/sight") // by a redirect
	require.Contains(t, page, `href="/fore/sight/`)
	require.NotContains(t, page, `href="/static`)
	require.NotContains(t, page, `href="/tasks`)
}
