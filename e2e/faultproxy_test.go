package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// fault answers in place of a source, or spoils its answer.
type fault func(p *faultProxy, w http.ResponseWriter, r *http.Request)

// faultProxy stands between Foresight and its source. While a fault is set, questions about traffic meet it.
type faultProxy struct {
	*httptest.Server
	source *httputil.ReverseProxy
	fault  atomic.Pointer[fault]
	sent   atomic.Int64 // bytes of the fault's making
}

func startFaultProxy(t *testing.T, source string) *faultProxy {
	t.Helper()
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	p := &faultProxy{source: httputil.NewSingleHostReverseProxy(u)}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if f := p.fault.Load(); f != nil && strings.Contains(string(body), "traffic") {
		(*f)(p, w, r)
		return
	}
	p.source.ServeHTTP(w, r)
}

// right is what the source answers.
func (p *faultProxy) right(r *http.Request) string {
	w := httptest.NewRecorder()
	p.source.ServeHTTP(w, r)
	return w.Body.String()
}

// endless writes until the reader has gone, and a little each time.
func (p *faultProxy) endless(w io.Writer, text string, pause time.Duration) {
	for {
		n, err := io.WriteString(w, text)
		p.sent.Add(int64(n))
		if err != nil {
			return
		}
		if f, ok := w.(http.Flusher); ok && pause > 0 {
			f.Flush()
			time.Sleep(pause)
		}
	}
}

func status(code int, headers ...string) fault {
	return func(_ *faultProxy, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprintln(w, "<html>sorry</html>")
	}
}

func instead(body string) fault {
	return func(_ *faultProxy, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

// spoiled answers with what the source does, changed.
func spoiled(change func(string) string) fault {
	return func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, change(p.right(r)))
	}
}

// faults by name, with the reason that they are counted for.
var faults = []struct {
	name, reason string
	fault        fault
}{
	{"latency", "timeout", func(_ *faultProxy, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(10 * time.Second):
		case <-r.Context().Done():
		}
	}},
	{"drip", "timeout", func(p *faultProxy, w http.ResponseWriter, _ *http.Request) { p.endless(w, " ", 50*time.Millisecond) }},
	{"cut connection", "unavailable", func(*faultProxy, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"truncation", "malformed", spoiled(func(s string) string { return s[:len(s)*2/3] })},
	{"wrong types", "malformed", spoiled(func(s string) string { return strings.ReplaceAll(s, `"`, ``) })},
	{"values that are no text", "malformed", instead(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,2]}]}}`)},
	{"web page", "malformed", status(http.StatusOK, "Content-Type", "text/html")},
	{"429", "unavailable", status(http.StatusTooManyRequests, "Retry-After", "4")},
	{"503", "unavailable", status(http.StatusServiceUnavailable)},
	{"500", "unavailable", status(http.StatusInternalServerError)},
	{"not the source's fault", "rejected", instead(`{"status":"error","errorType":"execution","error":"many-to-many matching not allowed"}`)},
	{"redirect", "unavailable", status(http.StatusTemporaryRedirect, "Location", "http://127.0.0.1:1/api/v1/query")},
	{"gzip bomb", "malformed", func(p *faultProxy, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		p.endless(z, strings.Repeat(" ", 1<<16), 0)
	}},
	{"endless answer", "too_large timeout", func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		at := r.FormValue("time") + r.FormValue("start") // one of them is asked for
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[`)
		p.endless(w, `{"metric":{"instance":"`+strings.Repeat("x", 1<<16)+`"},"value":[`+at+`,"100"]},`, 0)
	}},
}

const followTwo = `
source: {url: %q, timeout: 2s}
defaults: {step: 10s, history: 2d, evaluation_interval: 1s}
tasks:
  - {name: traffic, expr: traffic, season: none, horizons: [10m], outputs: [expected, forecast, observed, info]}
  - {name: orders, expr: orders, season: none, horizons: [10m], outputs: [expected, forecast, observed, info]}
`

// TestFaultProxy puts every fault between a real Prometheus and one of two tasks: no wrong number comes out, the other
// task goes on, the fault is counted and logged, what it can take is bounded, and all is well within a minute.
func TestFaultProxy(t *testing.T) {
	t.Parallel()
	all := []truth{
		{name: "traffic", smooth: wave(100), noise: 1},
		{name: "orders", smooth: wave(1000), noise: 10},
	}
	now := time.Now()
	target := startTarget(t, func(now time.Time) string { return expose(all, now) })
	prometheus := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), fmt.Sprintf(scrapeTarget, target), func(dir string) {
		testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, now.Add(-50*time.Hour), now, 10*time.Second, histories(all))
	})
	p := startFaultProxy(t, prometheus.URL)
	f := startForesight(t, fmt.Sprintf(followTwo, p.URL), t.TempDir())
	f.waitReady(time.Minute)

	age := func(e exposition, task string) float64 {
		return float64(time.Now().Unix()) - e.value("foresight_task_origin_timestamp_seconds", "task", task)
	}
	// look scrapes, and holds what comes out against the truth, and the other task against the time.
	look := func() exposition {
		t.Helper()
		e := f.scrape()
		for task, base := range map[string]float64{"traffic": 100, "orders": 1000} {
			for _, name := range []string{"foresight_expected", "foresight_forecast", "foresight_observed"} {
				values := e.values(name, "task", task)
				if len(values) != 1 {
					t.Errorf("%s of %s: %v, want one", name, task, values)
				}
				for _, v := range values {
					if v < 0.85*base || v > 1.15*base {
						t.Errorf("%s of %s is %g, want about %g", name, task, v, base)
					}
				}
			}
		}
		if a := age(e, "orders"); a > 22*slowdown {
			t.Errorf("the other task's origin is %g s old", a)
		}
		if up := e.value("foresight_source_up"); up != 1 {
			t.Errorf("foresight_source_up is %g while the other task is answered", up)
		}
		return e
	}
	told := map[string]bool{} // reasons that were logged: a line a minute is enough of each
	for _, one := range faults {
		failures := func(e exposition) (n float64) {
			for reason := range strings.FieldsSeq(one.reason) { // of two bounds, a slow machine meets the time first
				n += e.value("foresight_source_query_failures_total", "reason", reason)
			}
			return n
		}
		before := failures(look())
		_, logged := f.log.since(0)
		p.sent.Store(0)
		p.fault.Store(&one.fault)
		testkit.WaitFor(t, time.Minute, one.name+" to be counted and logged", func() error {
			if n := failures(look()) - before; n < 1 {
				return fmt.Errorf("%g failures for the reason %s", n, one.reason)
			}
			if text, _ := f.log.since(logged); !told[one.reason] && !strings.Contains(text, "Evaluation failed") {
				return fmt.Errorf("the log has only %q", text)
			}
			return nil
		})
		told[one.reason] = true
		p.fault.Store(nil)
		start := time.Now()
		testkit.WaitFor(t, time.Minute, "recovery from "+one.name, func() error {
			e := look()
			last := e.value("foresight_task_last_success_timestamp_seconds", "task", "traffic")
			if a := age(e, "traffic"); a > 15*slowdown || last < float64(start.Unix()) {
				return fmt.Errorf("the origin is %g s old, the last success was %g s after the fault", a, last-float64(start.Unix()))
			}
			return nil
		})
		if mib := p.sent.Load() >> 20; mib > 256 {
			t.Errorf("%s: %d MiB were taken", one.name, mib)
		}
		t.Logf("%s: well after %s", one.name, time.Since(start).Round(time.Second))
	}
}
