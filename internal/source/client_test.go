package source

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
)

const step = 5 * time.Minute

// serve starts a server and a client of it. Its queries may take half a second.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return connect(t, srv.URL)
}

func connect(t *testing.T, address string) *Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{URL: u, HTTP: commonconfig.DefaultHTTPClientConfig, Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// grids answers a range query with a sample of value 1 at each moment, for each of n series, and notes what was asked.
type grids struct {
	mu     sync.Mutex
	series int
	asked  []grid
	refuse func(g grid) (status int, body string) // 0: answer
}

func (h *grids) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := grid{from: millis(r, "start"), to: millis(r, "end"), step: millis(r, "step")}
	h.mu.Lock()
	h.asked = append(h.asked, g)
	h.mu.Unlock()
	if h.refuse != nil {
		if status, body := h.refuse(g); status != 0 {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return
		}
	}
	b := []byte(`{"status":"success","data":{"resultType":"matrix","result":[`)
	for i := range h.series {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"metric":{"i":"%d"},"values":[`, i)
		for t := g.from; t <= g.to; t += g.step {
			if t > g.from {
				b = append(b, ',')
			}
			b = append(strconv.AppendInt(append(b, '['), t/1000, 10), `,"1"]`...)
		}
		b = append(b, `]}`...)
	}
	_, _ = w.Write(append(b, `]}}`...))
}

func (g grid) points() int64 { return (g.to-g.from)/g.step + 1 }

func millis(r *http.Request, field string) int64 {
	v, _ := strconv.ParseFloat(r.FormValue(field), 64)
	return int64(v * 1000)
}

// count reads a range and checks that each series has each moment once.
func count(t *testing.T, c *Client, from, to int64, series int) {
	t.Helper()
	next := map[string]int64{}
	first := floor(from+step.Milliseconds()-1, step.Milliseconds())
	_, err := c.Range(t.Context(), "task", "up", from, to, step, func(l labels.Labels, s []Sample) error {
		name := strings.Clone(l.Get("i"))
		for _, p := range s {
			if want := first + next[name]*step.Milliseconds(); p.T != want {
				t.Errorf("series %s: got a sample at %d, want %d", name, p.T, want)
			}
			next[name]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := (floor(to, step.Milliseconds())-first)/step.Milliseconds() + 1
	for name, n := range next {
		if n != want {
			t.Errorf("series %s: got %d samples, want %d", name, n, want)
		}
	}
	if len(next) != series {
		t.Errorf("got %d series, want %d", len(next), series)
	}
}

const weeks = 28 * 24 * 3600 * 1000

func TestRangeSlices(t *testing.T) {
	for _, series := range []int{1, 100} {
		h := &grids{series: series}
		c := serve(t, h.ServeHTTP)
		count(t, c, 1_700_000_000_123, 1_700_000_000_123+weeks, series)
		for i, g := range h.asked {
			if i > 0 && g.from != h.asked[i-1].to+g.step {
				t.Errorf("slice %d begins at %d, want right after %d", i, g.from, h.asked[i-1].to)
			}
			if n := g.points() * int64(series); g.points() > 11_000 || n > maxSamples {
				t.Errorf("slice %d has %d points a series and %d in all", i, g.points(), n)
			}
		}
		for _, g := range h.asked[1 : len(h.asked)-1] {
			if n := powerOfTwo(g.points()); n == g.points() && g.from%(n*g.step) != 0 {
				t.Errorf("slice of %d points from %d is not aligned", n, g.from)
			}
		}
		if len(h.asked) > 20 {
			t.Errorf("%d series: got %d queries, want at most 20", series, len(h.asked))
		}
	}
}

func TestRangeEmpty(t *testing.T) {
	h := &grids{}
	c := serve(t, h.ServeHTTP)
	for _, to := range []int64{999, 299_999} {
		if _, err := c.Range(t.Context(), "t", "up", 1, to, step, nil); err != nil || len(h.asked) != 0 {
			t.Errorf("a range without a moment: got %d queries, %v", len(h.asked), err)
		}
	}
	if _, err := c.Range(t.Context(), "t", "up", 0, weeks, 0, nil); err == nil {
		t.Error("a step of 0: got no error")
	}
	count(t, c, 0, weeks, 0)
}

func TestRangeHalves(t *testing.T) {
	refusals := map[string]func(g grid) (int, string){
		"prometheus points": func(grid) (int, string) {
			return 400, `{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"}`
		},
		"prometheus samples": func(grid) (int, string) {
			return 422, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`
		},
		"mimir": func(grid) (int, string) {
			return 422, `{"status":"error","errorType":"execution","error":"the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query)"}`
		},
		"too long": func(grid) (int, string) {
			return 400, `the query time range exceeds the limit (query length: 721h0m0s, limit: 720h0m0s)`
		},
		"nginx": func(grid) (int, string) { return 413, "<html>413 Request Entity Too Large</html>" },
	}
	for name, answer := range refusals {
		t.Run(name, func(t *testing.T) {
			h := &grids{series: 3}
			h.refuse = func(g grid) (int, string) {
				if g.points() > 100 {
					return answer(g)
				}
				return 0, ""
			}
			count(t, serve(t, h.ServeHTTP), 1_700_000_000_000, 1_700_000_000_000+weeks/4, 3)
			if len(h.asked) > 45 {
				t.Errorf("got %d queries for 2,016 points in slices of 64, want at most 45", len(h.asked))
			}
		})
	}
	t.Run("timeout", func(t *testing.T) {
		h := &grids{series: 3}
		h.refuse = func(g grid) (int, string) {
			if g.points() > 40 {
				return 503, `{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}`
			}
			return 0, ""
		}
		count(t, serve(t, h.ServeHTTP), 1_700_000_000_000, 1_700_000_000_000+weeks/8, 3)
	})
	t.Run("our own bound", func(t *testing.T) {
		h := &grids{series: 50}
		c := serve(t, h.ServeHTTP)
		c.most = 1000
		count(t, c, 1_700_000_000_000, 1_700_000_000_000+weeks/28, 50)
	})
	t.Run("a single moment", func(t *testing.T) {
		h := &grids{series: 3, refuse: func(g grid) (int, string) { return refusals["prometheus samples"](g) }}
		c := serve(t, h.ServeHTTP)
		_, err := c.Range(t.Context(), "big", "up", 0, weeks, step, nil)
		if want := "even a single moment is too much: answered 422"; !errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if got := testutil.ToFloat64(c.metrics.up); got != 1 {
			t.Errorf("up: got %v, want 1", got)
		}
	})
}

func TestInstant(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.URL.Path+" "+r.FormValue("query")+" "+r.FormValue("time"), "/prefix/api/v1/query up 1700000000.123"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"1"},"value":[1700000000.123,"NaN"]},{"metric":{"a":"2"},"histogram":[1,{}]}]},"warnings":["w"],"infos":["i"]}`)
	})
	c.url = c.url.JoinPath("prefix/")
	var got []string
	w, err := c.Instant(t.Context(), "t", "up", 1_700_000_000_123, func(l labels.Labels, s Sample) error {
		got = append(got, fmt.Sprint(l, s))
		return nil
	})
	if err != nil || fmt.Sprint(got) != `[{a="1"} {1700000000123 NaN}]` {
		t.Errorf("got %s, %v", got, err)
	}
	if want := (Warnings{"w", "i", "native histograms have no single value and are left out; use histogram_quantile or histogram_avg"}); fmt.Sprint(w) != fmt.Sprint(want) {
		t.Errorf("got warnings %q, want %q", w, want)
	}
}

func TestCallersErrorEndsRange(t *testing.T) {
	h := &grids{series: 3}
	c := serve(t, h.ServeHTTP)
	own := errors.New("enough")
	_, err := c.Range(t.Context(), "t", "up", 0, weeks, step, func(labels.Labels, []Sample) error { return own })
	if !errors.Is(err, own) || len(h.asked) != 1 {
		t.Errorf("got %v after %d queries, want %v after 1", err, len(h.asked), own)
	}
}

func TestFallsBackToGet(t *testing.T) {
	var posts atomic.Int32
	h := &grids{series: 1}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			http.Error(w, "no", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Query().Get("dedup") != "true" {
			t.Errorf("%s: the query of the source's address is missing", r.URL)
		}
		h.ServeHTTP(w, r)
	})
	c.url.RawQuery = "dedup=true"
	count(t, c, 1_700_000_000_000, 1_700_000_000_000+weeks, 1)
	if posts.Load() != 1 {
		t.Errorf("got %d POSTs, want 1", posts.Load())
	}
}

func TestBuildInfo(t *testing.T) {
	status, body := http.StatusOK, `{"status":"success","data":{"version":"2.42.0","goVersion":"x"}}`
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/api/v1/status/buildinfo" {
			t.Errorf("got %s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	if v, err := c.BuildInfo(t.Context()); v != "2.42.0" || err != nil {
		t.Errorf("got %q, %v; want 2.42.0", v, err)
	}
	status = http.StatusNotFound
	if v, err := c.BuildInfo(t.Context()); v != "" || err != nil {
		t.Errorf("a source that does not tell: got %q, %v", v, err)
	}
	status, body = http.StatusOK, "<html>"
	if _, err := c.BuildInfo(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("HTML: got %v, want %v", err, ErrUnavailable)
	}
}

func TestStraySamplesAreLeftOut(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[300,"1"],[300,"2"],[450,"3"],[600,"4"],[900,"5"]]}]}}`)
	})
	var got []Sample
	w, err := c.Range(t.Context(), "t", "up", -1, 600_000, step, func(_ labels.Labels, s []Sample) error {
		got = append(got, s...)
		return nil
	})
	if want := "[{300000 1} {600000 4}]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
	if len(w) != 1 || w[0] != "samples that are out of order or off the grid are left out" {
		t.Errorf("got warnings %q", w)
	}
	if got, want := floor(-1, 300), int64(-300); got != want {
		t.Errorf("floor: got %d, want %d", got, want)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	var now, most atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	})
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			if err := c.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := most.Load(); got > 4 {
		t.Errorf("got %d queries at once, want at most 4", got)
	}
}

func TestMetrics(t *testing.T) {
	r := prometheus.NewRegistry()
	bad := false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if bad {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"x"}`)
			return
		}
		(&grids{series: 2}).ServeHTTP(w, q)
	}))
	defer srv.Close()
	u, _ := url.Parse(srv.URL)
	for range 2 { // as after a reload
		c, err := New(Options{URL: u, Registerer: r})
		if err != nil {
			t.Fatal(err)
		}
		count(t, c, 300_000, 900_000, 2)
		c.Close()
		if bad {
			break
		}
	}
	c, err := New(Options{URL: u, Registerer: r})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	bad = true
	if _, err := c.Range(t.Context(), "t", "x", 0, 0, step, nil); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want %v", err, ErrRejected)
	}
	want := `
# HELP foresight_source_queries_total Queries sent to the source, repeated ones among them.
# TYPE foresight_source_queries_total counter
foresight_source_queries_total 3
# HELP foresight_source_query_failures_total Queries that failed, by reason.
# TYPE foresight_source_query_failures_total counter
foresight_source_query_failures_total{reason="malformed"} 0
foresight_source_query_failures_total{reason="rejected"} 1
foresight_source_query_failures_total{reason="timeout"} 0
foresight_source_query_failures_total{reason="too_large"} 0
foresight_source_query_failures_total{reason="unavailable"} 0
# HELP foresight_source_samples_read_total Samples read from the source.
# TYPE foresight_source_samples_read_total counter
foresight_source_samples_read_total 12
# HELP foresight_source_up Whether the source answers: 0 while it can't be reached or no query is answered, be it with an error of the expression.
# TYPE foresight_source_up gauge
foresight_source_up 1
`
	if err := testutil.GatherAndCompare(r, strings.NewReader(want), "foresight_source_queries_total",
		"foresight_source_query_failures_total", "foresight_source_samples_read_total", "foresight_source_up"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(r); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}
