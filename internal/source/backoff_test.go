package source

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
)

func askFor(t *testing.T, c *Client, task string) error {
	t.Helper()
	_, err := c.Instant(t.Context(), task, task+"_seconds", time.Now().UnixMilli(), func(labels.Labels, Sample) error { return nil })
	return err
}

func about(r *http.Request, task string) bool {
	_ = r.ParseForm()
	return strings.HasPrefix(r.PostForm.Get("query"), task)
}

// What fails for one task delays no other, also where it was told to wait; the source is up, and nothing of it flaps.
func TestOneTasksTroubleIsItsOwn(t *testing.T) {
	for name, fail := range map[string]transport{
		"broken": func(r *http.Request) (*http.Response, error) { return response(r, 500, "oh"), nil },
		"told": func(r *http.Request) (*http.Response, error) {
			return response(r, 429, "no", "Retry-After", "86400"), nil
		},
		"cut off":    func(r *http.Request) (*http.Response, error) { return response(r, 200, empty[:30]), nil },
		"connection": func(*http.Request) (*http.Response, error) { return nil, errors.New("EOF") },
		"hangs": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				bad, asked := false, 0
				c := fake(t, slog.New(slog.NewTextHandler(&log, nil)), func(r *http.Request) (*http.Response, error) {
					if bad && about(r, "bad") {
						asked++
						return fail(r)
					}
					return response(r, 200, empty), nil
				})
				for _, task := range []string{"bad", "good"} {
					if err := askFor(t, c, task); err != nil {
						t.Fatal(err)
					}
				}
				bad = true
				for range 60 {
					if err := askFor(t, c, "bad"); !errors.Is(err, ErrUnavailable) {
						t.Fatalf("got %v, want %v", err, ErrUnavailable)
					}
					start := time.Now()
					if err := askFor(t, c, "good"); err != nil || time.Since(start) != 0 {
						t.Fatalf("the other task: got %v after %s", err, time.Since(start))
					}
					if up := testutil.ToFloat64(c.metrics.up); up != 1 {
						t.Fatalf("up is %v, want 1", up)
					}
					time.Sleep(time.Minute)
				}
				if asked > 130 {
					t.Errorf("got %d queries of the bad task in an hour, want at most 130", asked)
				}
				if log.Len() > 0 {
					t.Errorf("the log of the source:\n%s", log.String())
				}
				bad = false
				time.Sleep(10 * time.Minute)
				if err := askFor(t, c, "bad"); err != nil {
					t.Errorf("ten minutes after it is well again: %v", err)
				}
			})
		})
	}
}

// Where no query is answered any more, the source is away, and all are asked again as soon as one is answered.
func TestAllTasksTroubleIsTheSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad, queries := false, 0
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			if queries++; bad {
				return response(r, 502, "oh"), nil
			}
			return response(r, 200, empty), nil
		})
		evaluate := func() (failed int) {
			for task := range strings.FieldsSeq("a b c d e f g h i j") {
				if askFor(t, c, task) != nil {
					failed++
				}
			}
			return failed
		}
		if n := evaluate(); n != 0 {
			t.Fatalf("%d failures", n)
		}
		bad = true
		evaluate()
		if up := testutil.ToFloat64(c.metrics.up); up != 0 {
			t.Errorf("up is %v, want 0", up)
		}
		queries = 0
		for range 60 {
			evaluate()
			time.Sleep(time.Minute)
		}
		if queries > 130 {
			t.Errorf("got %d queries in an hour, want at most 130", queries)
		}
		bad = false
		time.Sleep(time.Minute)
		if n := evaluate(); n != 0 || testutil.ToFloat64(c.metrics.up) != 1 {
			t.Errorf("a minute after it is back: %d failures, up %v", n, testutil.ToFloat64(c.metrics.up))
		}
	})
}

func TestRetryAfterOfAnySize(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "x": 0, "-3": 0, "0": 0, "3": 3 * time.Second, "599": 599 * time.Second, "65536": longToldTo,
		"9223372036": longToldTo, "99999999999999999999999999": longToldTo,
		"Mon, 02 Mar 2026 00:00:07 GMT": 7 * time.Second, "Sun, 01 Mar 2026 00:00:00 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// One refusal of a POST, by whatever is in between, has the source asked by GET for an hour at most, and not at all
// where that fails too.
func TestGetIsNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noPost, noGet := true, false
		methods := ""
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) {
			methods += r.Method[:1]
			if r.Method == http.MethodPost && noPost || r.Method == http.MethodGet && noGet {
				return response(r, http.StatusMethodNotAllowed, "no"), nil
			}
			return response(r, 200, empty), nil
		})
		expect := func(want string) {
			t.Helper()
			methods = ""
			if err := askFor(t, c, "t"); err != nil {
				t.Fatal(err)
			}
			if methods != want {
				t.Errorf("asked by %s, want %s", methods, want)
			}
		}
		expect("PG")
		expect("G")
		noPost = false
		expect("G")
		time.Sleep(getFor)
		expect("P")
		noPost = true
		expect("PG")
		noPost, noGet = false, true
		expect("GP") // at once
		expect("P")
	})
}

// A source that comes and goes all the time is told of once a minute.
func TestFlappingIsToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		n := 0
		c := fake(t, slog.New(slog.NewTextHandler(&log, nil)), func(r *http.Request) (*http.Response, error) {
			if n++; n%2 == 1 {
				return response(r, 502, "oh"), nil
			}
			return response(r, 200, empty), nil
		})
		for start := time.Now(); time.Since(start) < 30*time.Minute; {
			_ = askFor(t, c, "t")
			time.Sleep(time.Second)
		}
		if lines := strings.Count(log.String(), "\n"); lines > 31 || lines < 10 {
			t.Errorf("got %d lines in 30 minutes, want one a minute at most:\n%s", lines, log.String())
		}
		if !strings.Contains(log.String(), "changes=") {
			t.Error("how often it changed is not told")
		}
	})
}
