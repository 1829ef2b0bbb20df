package futureapi

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// answer is a response of the query API.
type answer struct {
	Status, Error, ErrorType string
	Warnings                 []string
	Data                     json.RawMessage
}

// ask sends a request, as a form where it is a POST, and checks the status code.
func ask(t testing.TB, h http.Handler, method, path string, code int, params ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(params); i += 2 {
		form.Add(params[i], params[i+1])
	}
	var r *http.Request
	if method == http.MethodPost {
		r = httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequestWithContext(t.Context(), method, path+"?"+form.Encode(), http.NoBody)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, code, w.Code, "%s %s %v: %s", method, path, params, w.Body)
	var a answer
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	}
	return a
}

// unix is a moment after the origin, in seconds.
func unix(after time.Duration) string { return strconv.FormatInt(origin.Add(after).Unix(), 10) }

// instant evaluates a query at a moment after the origin.
func instant(t testing.TB, h http.Handler, query string, after time.Duration) model.Vector {
	t.Helper()
	a := ask(t, h, http.MethodPost, "/api/v1/query", 200, "query", query, "time", origin.Add(after).Format(time.RFC3339Nano))
	var data struct {
		ResultType string
		Result     json.RawMessage
	}
	require.NoError(t, json.Unmarshal(a.Data, &data))
	var v model.Vector
	if data.ResultType == "scalar" {
		var s model.Scalar
		require.NoError(t, json.Unmarshal(data.Result, &s))
		return model.Vector{{Metric: model.Metric{}, Value: s.Value}}
	}
	require.Equal(t, "vector", data.ResultType)
	require.NoError(t, json.Unmarshal(data.Result, &v))
	return v
}

func queryRange(t testing.TB, h http.Handler, query string, from, to, step time.Duration) model.Matrix {
	t.Helper()
	a := ask(
		t, h, http.MethodPost, "/api/v1/query_range", 200, "query", query,
		"start", unix(from), "end", unix(to), "step", fmt.Sprint(step.Seconds()),
	)
	var data struct{ Result model.Matrix }
	require.NoError(t, json.Unmarshal(a.Data, &data))
	return data.Result
}

func TestPromQL(t *testing.T) {
	h := handler(t, testBoard(), nil)
	const d, hr = 24 * time.Hour, time.Hour
	for _, c := range []struct {
		query string
		after time.Duration // of the origin
		want  string
	}{
		// Any time: the past as expected then, the future as forecast now.
		{`foresight_expected{instance="a:9100"}`, 0, `foresight_expected{instance="a:9100", job="node", mode="user", task="cpu"} => 0`},
		{`foresight_expected{instance="a:9100"}`, -5 * hr, `foresight_expected{instance="a:9100", job="node", mode="user", task="cpu"} => -5`},
		{`foresight_expected_upper{instance="a:9100"}`, 24 * hr, `foresight_expected_upper{instance="a:9100", job="node", mode="user", task="cpu"} => 27`},
		{`foresight_expected_lower{task="slow"}`, 7*d - hr, `foresight_expected_lower{mode="user", task="slow"} => 165`},
		{`foresight_expected{task="slow"}`, 30 * time.Minute, `foresight_expected{mode="user", task="slow"} => 0.5`},
		{`foresight_expected`, 8 * d, ``},
		{`foresight_expected`, -29 * d, ``},
		{`foresight_expected offset -1d`, 0, `4 series`},
		{`foresight_expected @ ` + unix(2*hr), 0, `4 series`},
		{`foresight_expected{instance="a:9100"} @ end() offset -6h`, 0, `foresight_expected{instance="a:9100", job="node", mode="user", task="cpu"} => 6`},
		// Functions over the future.
		{`max_over_time(foresight_expected_upper{task="slow"}[7d:1h] offset -7d)`, 0, `{mode="user", task="slow"} => 171`},
		{`max_over_time(foresight_expected_upper{task="slow"}[6h] offset -6h)`, 0, `{mode="user", task="slow"} => 9`},
		{`max_over_time(foresight_expected_upper{task="slow"}[6h:5m] offset -6h) > 9.5`, 0, ``},
		{`min_over_time(foresight_expected_lower{task="slow"}[6h] offset -6h)`, 0, `{mode="user", task="slow"} => -1.9666666666666668`},
		{`count_over_time(foresight_expected{task="slow"}[1h] offset -1h)`, 0, `{mode="user", task="slow"} => 30`},
		{`count_over_time(foresight_expected{task="traffic"}[1h] offset -1h)`, 0, `{service.name="shop", task="traffic", zone="eu"} => 60`},
		{`predict_linear(foresight_expected{task="slow"}[2d] offset -2d, 3600)`, 0, `{mode="user", task="slow"} => 1`},
		{`deriv(foresight_expected{task="slow"}[2d] offset -2d) * 3600`, 0, `{mode="user", task="slow"} => 1`},
		// Aggregation and joins.
		{`sum(foresight_expected offset -10h)`, 0, `{} => 40`},
		{`sum by (job) (foresight_expected{job!=""} offset -10h)`, 0, `{job="node"} => 20`},
		{`count by (mode) (foresight_expected_lower)`, 0, `2 series`},
		{`foresight_expected_upper{task="slow"} - ignoring() foresight_expected_lower`, 3 * hr, `{mode="user", task="slow"} => 5`},
		{`foresight_expected{task="cpu"} + on (mode) group_left () foresight_expected_upper{task="slow"}`, 2 * hr, `2 series`},
		{`topk(1, foresight_expected{task="cpu"}) == bool 3`, 3 * hr, `1 series`},
		// Matchers: an empty label is an absent one.
		{`foresight_expected{job=""}`, 0, `2 series`},
		{`foresight_expected{instance=~".+"}`, 0, `2 series`},
		{`foresight_expected{nonesuch=""}`, 0, `4 series`},
		{`foresight_expected{nonesuch!=""}`, 0, ``},
		{`{"service.name"="shop", __name__=~"foresight_expected.*"}`, 0, `3 series`},
		{`{__name__=~"foresight_expected_(lower|upper)", task=~"c.*"}`, 0, `4 series`},
		{`up`, 0, ``},
		// The other families hold from their origin until now.
		{`foresight_anomaly_score{instance="b:9100"}`, 0, `foresight_anomaly_score{instance="b:9100", job="node", mode="user", task="cpu"} => 1.5`},
		{`foresight_forecast{task="slow"}`, 90 * time.Second, `2 series`},
		{`foresight_forecast{task="slow", horizon="1d"}`, time.Minute, `foresight_forecast{horizon="1d", mode="user", task="slow"} => 24`},
		{`foresight_time_to_exhaustion_seconds{task="slow"}`, time.Minute, `foresight_time_to_exhaustion_seconds{mode="user", probability="0.5", task="slow"} => +Inf`},
		{`foresight_anomaly_score`, -time.Second, ``},
		{`foresight_anomaly_score`, hr, ``},
		{`foresight_series_info{state="too_short"}`, 0, `foresight_series_info{instance="c:9100", job="node", mode="user", model="none", season="none", state="too_short", task="cpu"} => 1`},
		{`foresight_task_series{state="ok", task="cpu"}`, 0, `foresight_task_series{state="ok", task="cpu"} => 2`},
		{`foresight_task_skill_ratio{task="cpu"}`, 0, `foresight_task_skill_ratio{horizon="6h", task="cpu"} => 0.25`},
		{`foresight_task_origin_timestamp_seconds - ` + unix(0), 0, `3 series`},
		{`count({task="cpu"})`, 0, `{} => 32`},
		{`foresight_observed`, 0, ``}, // hidden
		{`1 + 1`, 0, `{} => 2`},
	} {
		v := instant(t, h, c.query, c.after)
		got := ""
		switch {
		case strings.HasSuffix(c.want, " series"):
			got = fmt.Sprintf("%d series", len(v))
		case len(v) > 0:
			got, _, _ = strings.Cut(v.String(), " @")
			if len(v) > 1 {
				got = fmt.Sprintf("%d series", len(v))
			}
		}
		if got != c.want {
			t.Errorf("%s after %v:\n got %s\nwant %s", c.query, c.after, got, c.want)
		}
	}
}

func TestRangesAreContinuous(t *testing.T) {
	h := handler(t, testBoard(), nil)
	for _, c := range []struct {
		from, to, step time.Duration
	}{
		{-24 * time.Hour, 7*24*time.Hour - time.Minute, 5 * time.Minute},
		{-24 * time.Hour, 7*24*time.Hour - time.Minute, 20 * time.Minute},
		{-27 * 24 * time.Hour, 6 * 24 * time.Hour, 6 * time.Hour},
		{-10 * time.Minute, 10 * time.Minute, 15 * time.Second},
		{-7 * time.Minute, 9 * time.Minute, 7 * time.Second},
		{time.Hour + 13*time.Second, 30 * time.Hour, 11 * time.Minute}, // not aligned
	} {
		for task, series := range map[string]int{"cpu": 2, "traffic": 1, "slow": 1} {
			m := queryRange(t, h, `foresight_expected{task="`+task+`"}`, c.from, c.to, c.step)
			require.Len(t, m, series)
			for _, s := range m {
				require.Len(t, s.Values, int((c.to-c.from)/c.step)+1, "%v of %s", c, task)
				for _, p := range s.Values {
					late := at(int64(p.Timestamp)) - float64(p.Value) // of the sample it looks back to, in hours
					require.True(t, late > -1e-9 && late < 2.0/60+1e-9, "%v of %s at %v: %g, %g h late", c, task, p.Timestamp.Time(), p.Value, late)
					if int64(p.Timestamp)%c.step.Milliseconds() == 0 {
						require.InDelta(t, 0, late, 1e-9, "%v of %s at %v: moments of the query are answered", c, task, p.Timestamp.Time())
					}
				}
			}
		}
	}
}

func TestGapsStayGaps(t *testing.T) {
	b := new(board.Board)
	s := snapshot("gappy", 5*time.Minute, labels.FromStrings("mode", "user"))
	from := origin.UnixMilli() - 6*hour
	s.Series[0].Ahead = line{origin: s.Origin, history: day, horizon: day, gap: [2]int64{from, from + 2*hour}}
	b.Publish(s)
	h := handler(t, b, nil)
	for _, p := range queryRange(t, h, "foresight_expected", -8*time.Hour, 0, time.Minute)[0].Values {
		if ms := int64(p.Timestamp); ms >= from+5*minute && ms < from+2*hour {
			t.Errorf("%v is within the gap", p)
		}
	}
	require.Empty(t, instant(t, h, fmt.Sprintf(`count_over_time(foresight_expected[110m] @ %d)`, (from+2*hour)/1000-1), 0))
}

func TestSeriesLabelsAreServedAsScraped(t *testing.T) {
	h := handler(t, testBoard(), func(o *Options) { o.SeriesLabels = labels.FromStrings("cluster", "eu1", "mode", "scrape") })
	got := instant(t, h, `foresight_expected{cluster="eu1", task=~"cpu|traffic", instance!="b:9100"}`, 0)
	require.Equal(t, `foresight_expected{cluster="eu1", instance="a:9100", job="node", mode="user", task="cpu"} => 0 @[1773144000]
foresight_expected{cluster="eu1", mode="scrape", service.name="shop", task="traffic", zone="eu"} => 0 @[1773144000]`, got.String())
	require.Empty(t, instant(t, h, `foresight_expected{cluster=""}`, 0))
	for name, want := range map[string]string{
		"job":      `series label "job": every series of Foresight has it, so no scrape adds it`,
		"__name__": `series label "__name__": not a label name`,
	} {
		_, err := New(new(board.Board), Options{SeriesLabels: labels.FromStrings(name, "x")})
		require.EqualError(t, err, want)
	}
}

func TestOnlyWantedCurvesAreComputed(t *testing.T) {
	b := testBoard()
	asked := 0
	for _, s := range b.Snapshots() {
		for i := range s.Series {
			if l, ok := s.Series[i].Ahead.(line); ok {
				l.asked = &asked
				s.Series[i].Ahead = l
			}
		}
	}
	h := handler(t, b, nil)
	instant(t, h, `foresight_expected{instance="a:9100"}`, 0)
	require.Equal(t, 1, asked)
	ask(t, h, http.MethodGet, "/api/v1/series", 200, "match[]", "foresight_expected")
	ask(t, h, http.MethodGet, "/api/v1/labels", 200)
	ask(t, h, http.MethodGet, "/api/v1/label/instance/values", 200, "match[]", "foresight_expected")
	require.Equal(t, 1, asked, "series and labels need no curve")
}

func TestLimits(t *testing.T) {
	b := testBoard()
	h := handler(t, b, func(o *Options) { o.MaxSamples = 1000 })
	a := ask(t, h, http.MethodGet, "/api/v1/query_range", 422, "query", "foresight_expected",
		"start", unix(0), "end", unix(6*24*time.Hour), "step", "60")
	require.Equal(t, "execution: query processing would load too many samples into memory in query execution", a.ErrorType+": "+a.Error)

	h = handler(t, b, func(o *Options) { o.Timeout = time.Nanosecond })
	a = ask(t, h, http.MethodGet, "/api/v1/query", 503, "query", "foresight_expected")
	require.Equal(t, "timeout", a.ErrorType)

	_, err := New(b, Options{MaxSamples: -1})
	require.EqualError(t, err, "limits of queries: -1 samples, 2m0s, 20 at a time: none may be negative")
}

// blocking is an Ahead that waits.
type blocking struct{ entered, leave chan struct{} }

func (b blocking) Curve(dst []board.Point, _, _ int64, _ time.Duration) ([]board.Point, int64) {
	b.entered <- struct{}{}
	<-b.leave
	return dst, 0
}

func TestConcurrencyIsBounded(t *testing.T) {
	wait := blocking{make(chan struct{}), make(chan struct{})}
	b := new(board.Board)
	s := snapshot("slow", time.Minute, labels.EmptyLabels())
	s.Series[0].Ahead = wait
	b.Publish(s)
	h := handler(t, b, func(o *Options) { o.MaxConcurrency, o.Timeout = 1, 200*time.Millisecond })
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/query?query=foresight_expected&time="+unix(0), http.NoBody)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-wait.entered
	a := ask(t, h, http.MethodGet, "/api/v1/query", 503, "query", "1")
	require.Equal(t, "1 queries are running, as many as --query.max-concurrency allows, and none has ended in time", a.Error)
	ask(t, h, http.MethodGet, "/api/v1/labels", 503)
	close(wait.leave)
	<-done
	ask(t, h, http.MethodGet, "/api/v1/query", 200, "query", "1")
}

// TestReach: curves end after the snapshot's horizon, or where the limit is likely reached if that is later.
func TestReach(t *testing.T) {
	b := new(board.Board)
	s := snapshot("disk", 5*time.Minute, labels.FromStrings("mountpoint", "/full"), labels.FromStrings("mountpoint", "/idle"))
	for i := range s.Series {
		s.Series[i].Ahead = line{origin: s.Origin, history: day, horizon: 20 * day}
	}
	s.Columns = append(s.Columns, board.Column{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.9", Values: []float64{9 * 86400, math.Inf(1)}})
	b.Publish(s)
	h := handler(t, b, nil)
	m := queryRange(t, h, `foresight_expected`, 0, 16*24*time.Hour, time.Hour)
	require.Len(t, m, 2)
	last := map[string]time.Duration{}
	for _, one := range m {
		end := one.Values[len(one.Values)-1].Timestamp.Time()
		last[string(one.Metric["mountpoint"])] = end.Sub(origin).Truncate(24 * time.Hour)
	}
	require.Equal(t, map[string]time.Duration{"/full": 9 * 24 * time.Hour, "/idle": 7 * 24 * time.Hour}, last)
	require.Len(t, instant(t, h, `foresight_expected offset -8d`, 0), 1, "only the one that fills")
}
