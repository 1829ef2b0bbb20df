package source

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const (
	promSeries = 30
	promMinute = 60_000
	promDay    = 1440 * promMinute
)

// promValue is the sample that series i has in minute k.
func promValue(i, k int) float64 { return float64(i)*1000 + math.Floor(100*math.Sin(float64(k)/200))/8 }

// startPrometheus runs a real one that holds two days of promSeries series and refuses queries of more than 2,000
// samples.
func startPrometheus(t *testing.T, prometheus string) (c *Client, start int64) {
	t.Helper()
	from := time.Now().Truncate(24 * time.Hour).Add(-72 * time.Hour) // inside the retention
	var all []testkit.History
	for i := range promSeries {
		all = append(all, testkit.History{
			Name:   "load",
			Labels: labels.FromStrings("instance", fmt.Sprintf("i%02d", i), "path", "a\\b\"c\nü"),
			Value:  func(t time.Time) float64 { return promValue(i, int(t.Sub(from)/time.Minute)) },
		})
	}
	promtool := testkit.FindTool(t, "promtool")
	server := testkit.StartPrometheus(t, prometheus, "", func(dir string) {
		testkit.CreateBlocks(t, promtool, dir, from, from.Add(48*time.Hour-time.Minute), time.Minute, all)
	}, "--query.max-samples=2000")
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err = New(Options{URL: u, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, from.UnixMilli()
}

func TestPrometheus3(t *testing.T) { testPrometheus(t, testkit.FindTool(t, "prometheus"), true) }

func TestPrometheus2(t *testing.T) { testPrometheus(t, testkit.FindPrometheus2(t), false) }

// testPrometheus reads from a real one; infos tells whether it is new enough to have something to say beside its answer.
func testPrometheus(t *testing.T, bin string, infos bool) {
	t.Helper()
	c, promStart := startPrometheus(t, bin)
	ctx := t.Context()
	if err := c.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.BuildInfo(ctx); err != nil {
		t.Error("version:", err)
	}

	t.Run("range", func(t *testing.T) {
		next := map[string]int64{}
		w, err := c.Range(ctx, "load", "load", promStart, promStart+2*promDay-promMinute, 5*time.Minute,
			func(l labels.Labels, s []Sample) error {
				if got, want := l.Get("path"), "a\\b\"c\nü"; got != want {
					return fmt.Errorf("label: got %q, want %q", got, want)
				}
				name := strings.Clone(l.Get("instance"))
				var i int
				if _, err := fmt.Sscanf(name, "i%d", &i); err != nil {
					return err
				}
				for _, p := range s {
					want := promStart + next[name]*5*promMinute
					if k := int(p.T-promStart) / promMinute; p.T != want || p.V != promValue(i, k) {
						return fmt.Errorf("%s: got %v at %d, want %v at %d", name, p.V, p.T, promValue(i, k), want)
					}
					next[name]++
				}
				return nil
			})
		if err != nil || len(w) != 0 {
			t.Fatal(w, err)
		}
		if len(next) != promSeries {
			t.Errorf("got %d series, want %d", len(next), promSeries)
		}
		for name, n := range next {
			if n != 576 {
				t.Errorf("%s: got %d samples, want 576", name, n)
			}
		}
	})

	t.Run("instant", func(t *testing.T) {
		n := 0
		_, err := c.Instant(ctx, "load", `load{instance="i07"}`, promStart+90*promMinute, func(_ labels.Labels, s Sample) error {
			n++
			if want := (Sample{promStart + 90*promMinute, promValue(7, 90)}); s != want {
				t.Errorf("got %v, want %v", s, want)
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("got %d series, %v; want 1", n, err)
		}
	})

	t.Run("scalar", func(t *testing.T) {
		var got []Sample
		_, err := c.Range(ctx, "s", "scalar(vector(3))", promStart, promStart+promMinute, 30*time.Second,
			func(l labels.Labels, s []Sample) error {
				if !l.IsEmpty() {
					t.Errorf("got labels %s, want none", l)
				}
				got = append(got, s...)
				return nil
			})
		want := []Sample{{promStart, 3}, {promStart + 30_000, 3}, {promStart + 60_000, 3}}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	})

	for expr, want := range map[string]struct {
		is   error
		text string
	}{
		"load[5m":                     {ErrRejected, `answered 400 Bad Request, bad_data: `},
		`"text"`:                      {ErrRejected, `gives a string`},
		"load + on () load":           {ErrRejected, "many-to-many matching not allowed"},
		`max_over_time(load[1d:10s])`: {ErrRejected, "even a single moment is too much: answered 422 Unprocessable Entity, execution: query processing would load too many samples"},
	} {
		t.Run(expr, func(t *testing.T) {
			var err error
			at := promStart + promDay
			if strings.HasPrefix(expr, `"`) {
				_, err = c.Instant(ctx, "bad", expr, at, nil)
			} else {
				_, err = c.Range(ctx, "bad", expr, at, at+promDay/2, time.Minute, func(labels.Labels, []Sample) error { return nil })
			}
			if !errors.Is(err, want.is) || !strings.Contains(err.Error(), want.text) || !strings.HasPrefix(err.Error(), `task "bad": `) {
				t.Errorf("got %v, want %v with %q", err, want.is, want.text)
			}
		})
	}

	if !infos {
		return
	}
	t.Run("warnings", func(t *testing.T) {
		w, err := c.Range(ctx, "w", "quantile(2, load)", promStart, promStart+promMinute, time.Minute,
			func(labels.Labels, []Sample) error { return nil })
		if err != nil || len(w) != 1 || !strings.Contains(w[0], "quantile value should be between 0 and 1") {
			t.Errorf("got %q, %v", w, err)
		}
	})
}
