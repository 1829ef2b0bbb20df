package source

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
)

// transport answers in process, so that tests can run on a clock of their own.
type transport func(r *http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return f(r)
}

func fake(t *testing.T, log *slog.Logger, rt transport) *Client {
	t.Helper()
	u := &url.URL{Scheme: "https", Host: "prom.example", User: url.UserPassword("reader", "hunter2"), RawQuery: "token=hunter2"}
	c, err := newClient(Options{URL: u, Logger: log}, &http.Client{Transport: rt, CheckRedirect: checkRedirect})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// response makes one of a server; headers are name, value, ...
func response(r *http.Request, status int, body string, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	for i := 0; i+1 < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = w.WriteString(body)
	resp := w.Result()
	resp.Request = r
	return resp
}

const empty = `{"status":"success","data":{"resultType":"vector","result":[]}}`

func TestFaults(t *testing.T) {
	answer := func(status int, body string, headers ...string) transport {
		return func(r *http.Request) (*http.Response, error) { return response(r, status, body, headers...), nil }
	}
	html := []string{"Content-Type", "text/html; charset=utf-8"}
	for name, tt := range map[string]struct {
		rt    transport
		is    error
		tries int // 0: 1
		up    float64
		want  string // behind what was asked
	}{
		"bad expression": {
			rt: answer(400, `{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:5: parse error"}`),
			is: ErrRejected, up: 1, want: `answered 400 Bad Request, bad_data: invalid parameter "query": 1:5: parse error`,
		},
		"not to be evaluated": {
			rt: answer(422, `{"status":"error","errorType":"execution","error":"found duplicate series for the match group"}`),
			is: ErrRejected, up: 1, want: `answered 422 Unprocessable Entity, execution: found duplicate series for the match group`,
		},
		"error with status 200": {
			rt: answer(200, `{"status":"error","errorType":"execution","error":"x"}`),
			is: ErrRejected, up: 1, want: `execution: x`,
		},
		"bad request in plain text": {
			rt: answer(400, "bad things", "Content-Type", "text/plain"),
			is: ErrRejected, up: 1, want: `answered 400 Bad Request with text/plain in place of JSON: "bad things"`,
		},
		"bad request in HTML": {
			rt: answer(400, "<html>\n<b>no</b>", html...),
			is: ErrUnavailable, tries: 4, want: `answered 400 Bad Request with text/html; charset=utf-8 in place of JSON: "<html> <b>no</b>"`,
		},
		"not allowed": {
			rt: answer(401, "Unauthorized\n", "Content-Type", "text/plain"),
			is: ErrUnavailable, tries: 4, want: `answered 401 Unauthorized with text/plain in place of JSON: "Unauthorized"`,
		},
		"wrong address": {
			rt: answer(404, "404 page not found", "Content-Type", "text/plain"),
			is: ErrUnavailable, tries: 4, want: `answered 404 Not Found with text/plain in place of JSON: "404 page not found"; is source.url the root of the query API, with its path prefix?`,
		},
		"some web page": {
			rt: answer(200, "\n <!DOCTYPE html><title>Grafana</title>", html...),
			is: ErrUnavailable, tries: 4, want: `answered 200 OK with text/html; charset=utf-8 in place of JSON: "<!DOCTYPE html><title>Grafana</title>"; is source.url the root of the query API, with its path prefix?`,
		},
		"no body": {rt: answer(200, ""), is: ErrUnavailable, tries: 4, want: `the answer was cut off: unexpected EOF`},
		"cut off": {
			rt: answer(200, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"1"},"value":[1,"1"]},`),
			is: ErrUnavailable, tries: 4, want: `the answer was cut off: unexpected EOF`,
		},
		"another API":   {rt: answer(200, `{"hello":"world"}`), is: ErrUnavailable, tries: 4, want: `not an answer of the query API: its status is ""`},
		"no resultType": {rt: answer(200, `{"status":"success","data":{}}`), is: ErrUnavailable, tries: 4, want: `not an answer of the query API: its result type is ""`},
		"string": {
			rt: answer(200, `{"status":"success","data":{"resultType":"string","result":[1,"x"]}}`),
			is: ErrRejected, up: 1, want: `the expression gives a string; want numbers`,
		},
		"broken": {
			rt: answer(500, `{"status":"error","errorType":"internal","error":"disk full"}`),
			is: ErrUnavailable, tries: 4, want: `answered 500 Internal Server Error, internal: disk full`,
		},
		"bad gateway": {
			rt: answer(502, "<html>Bad Gateway</html>", html...),
			is: ErrUnavailable, tries: 4, want: `answered 502 Bad Gateway with text/html; charset=utf-8 in place of JSON: "<html>Bad Gateway</html>"`,
		},
		"gateway timeout": {
			rt: answer(504, "<html>504</html>", html...),
			is: ErrUnavailable, want: `answered 504 Gateway Timeout with text/html; charset=utf-8 in place of JSON: "<html>504</html>"`,
		},
		"timeout": {
			rt: answer(503, `{"status":"error","errorType":"timeout","error":"query timed out"}`),
			is: ErrUnavailable, up: 1, want: `answered 503 Service Unavailable, timeout: query timed out`,
		},
		"method refused": {
			rt: answer(405, "no", "Content-Type", "text/plain"),
			is: ErrUnavailable, tries: 8, want: `answered 405 Method Not Allowed with text/plain in place of JSON: "no"`,
		},
		"redirect that drops the question": {
			rt: answer(302, "", "Location", "/elsewhere?t=hunter2"),
			is: ErrUnavailable, tries: 4, want: `redirected to https://xxxxx@prom.example/elsewhere?t=xxxxx, which drops the question; use that as source.url`,
		},
		"redirect to another server": {
			rt: answer(302, "", "Location", "https://u:hunter2@other.example/?t=hunter2"),
			is: ErrUnavailable, tries: 4, want: `redirected to another server, https://xxxxx@other.example/?t=xxxxx; if that is right, use it as source.url`,
		},
		"gzip": {
			rt: func(r *http.Request) (*http.Response, error) {
				w := httptest.NewRecorder()
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = io.WriteString(z, empty)
				_ = z.Close()
				resp := w.Result()
				resp.Request = r
				return resp, nil
			},
			is: ErrUnavailable, tries: 4, want: `the answer is encoded as "gzip", which was not asked for`,
		},
		"refused": {
			rt: func(*http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
			},
			is: ErrUnavailable, tries: 4, want: `dial tcp: connection refused`,
		},
		"never": {
			rt: func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			},
			is: ErrUnavailable, want: `no whole answer within 2m0s`,
		},
		"slowly": {
			rt: func(r *http.Request) (*http.Response, error) {
				resp := response(r, 200, "")
				resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
					select {
					case <-time.After(time.Second):
						p[0] = ' '
						return 1, nil
					case <-r.Context().Done():
						return 0, r.Context().Err()
					}
				}))
				return resp, nil
			},
			is: ErrUnavailable, want: `no whole answer within 2m0s`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
					tries++
					return tt.rt(r)
				})
				c.metrics.up.Set(0.5)
				_, err := c.Instant(t.Context(), "disk", "up{a=\"b\"}\n+ 1", 1_700_000_000_000, func(labels.Labels, Sample) error {
					t.Error("something was handed over")
					return nil
				})
				want := `task "disk": asking https://xxxxx@prom.example/api/v1/query at 2023-11-14T22:13:20Z for up{a="b"} + 1: ` + tt.want
				if err == nil || err.Error() != want {
					t.Errorf("got\n%v, want\n%s", err, want)
				}
				if !errors.Is(err, tt.is) {
					t.Errorf("%v is not %v", err, tt.is)
				}
				if tries != max(1, tt.tries) {
					t.Errorf("got %d tries, want %d", tries, max(1, tt.tries))
				}
				if got := testutil.ToFloat64(c.metrics.up); got != tt.up {
					t.Errorf("up: got %v, want %v", got, tt.up)
				}
			})
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestCutOffSliceLeavesNothing: a slice of which a part arrives is asked again and handed over once.
func TestCutOffSliceLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			(&grids{series: 20}).ServeHTTP(w, r)
			if tries++; tries%2 == 1 {
				return response(r, 200, w.Body.String()[:w.Body.Len()*9/10]), nil
			}
			return response(r, 200, w.Body.String()), nil
		})
		count(t, c, 1_700_000_000_000, 1_700_000_000_000+weeks/28, 20)
		if want := 0.; testutil.ToFloat64(c.metrics.failures.WithLabelValues("malformed")) == want {
			t.Error("no answer was cut off")
		}
	})
}

// TestBackOff: twenty tasks that ask a dead source every minute for an hour send it few queries, and all go on soon
// after it is back.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		alive, queries := false, 0
		c := fake(t, slog.New(slog.NewTextHandler(&log, nil)), func(r *http.Request) (*http.Response, error) {
			if queries++; alive {
				return response(r, 200, empty), nil
			}
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		})
		evaluate := func() (failed int) {
			for i := range 20 {
				if err := askFor(t, c, fmt.Sprint("task", i)); err != nil {
					failed++
				}
			}
			return failed
		}
		for range 60 {
			if n := evaluate(); n != 20 {
				t.Fatalf("got %d failures, want 20", n)
			}
			time.Sleep(time.Minute)
		}
		if queries > 130 {
			t.Errorf("got %d queries in an hour, want at most 130", queries)
		}
		alive = true
		time.Sleep(time.Minute)
		if n := evaluate(); n != 0 {
			t.Errorf("got %d failures a minute after the source is back, want 0", n)
		}
		for _, want := range []string{"The source is unavailable", "The source answers again"} {
			if n := strings.Count(log.String(), want); n != 1 {
				t.Errorf("%q is logged %d times, want once:\n%s", want, n, log.String())
			}
		}
		if strings.Contains(log.String(), "hunter2") {
			t.Errorf("a secret is in the log:\n%s", log.String())
		}
	})
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var asked []time.Duration
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			asked = append(asked, time.Since(start))
			switch len(asked) {
			case 1:
				return response(r, 429, "slow down", "Retry-After", "3"), nil
			case 2:
				return response(r, 503, "later", "Retry-After", time.Now().Add(5*time.Minute).UTC().Format(http.TimeFormat)), nil
			}
			return response(r, 200, empty), nil
		})
		if err := c.Ping(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want %v", err, ErrUnavailable)
		}
		if len(asked) != 2 || asked[1] < 3*time.Second {
			t.Errorf("got queries after %v, want a second one after 3 s and no third", asked)
		}
		time.Sleep(4 * time.Minute)
		if err := c.Ping(t.Context()); err == nil || len(asked) != 2 {
			t.Errorf("asked before its time: %v", err)
		}
		time.Sleep(time.Minute)
		if err := c.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestTimeoutsOfRange: a source that never answers is not asked for ever smaller slices without end.
func TestTimeoutsOfRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.Range(t.Context(), "t", "up", 0, weeks, step, nil)
		if !errors.Is(err, ErrUnavailable) || tries > 3 {
			t.Errorf("got %v after %d tries, want at most 3", err, tries)
		}
	})
}

func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := fake(t, nil, func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			cancel()
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		if err := c.Ping(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if len(c.backoff.queries) > 0 || !c.backoff.source.until.IsZero() {
			t.Error("an end from outside caused a back-off")
		}
	})
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Options{URL: &url.URL{Path: "x"}}); err == nil {
		t.Error("no host: got no error")
	}
	o := Options{URL: &url.URL{Scheme: "http", Host: "x"}}
	o.HTTP.TLSConfig.CAFile = "testdata/missing.pem"
	if _, err := New(o); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("missing CA: got %v", err)
	}
}

func TestShortened(t *testing.T) {
	if got, want := shortened("a\n  b\x00\xffc é", 7), "a b ?c ..."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(judge(200, "", "")), string(ReasonUnavailable); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A source that answers of another moment than the one asked is not believed: the sample would be learnt as of then.
func TestInstantOfAnotherMoment(t *testing.T) {
	for _, at := range []string{"1700000300", "1700000000.001", "9999999999999", "1"} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%s,"1"]}]}}`, at)
		})
		n := 0
		w, err := c.Instant(t.Context(), "t", "up", 1_700_000_000_000, func(labels.Labels, Sample) error { n++; return nil })
		if err != nil || n != 0 || len(w) != 1 {
			t.Errorf("at %s: %d samples, warnings %v, error %v; want none and a warning", at, n, w, err)
		}
	}
}
