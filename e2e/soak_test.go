package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const followForLong = `
source: {url: %q}
defaults: {step: 1m, history: 2d, evaluation_interval: 1s}
tasks:
  - {name: load, expr: load, horizons: [1h]}
`

// TestSoak has fifty scrapers, readers of pages and of the query API, and reloads all the while: nothing fails, and
// memory, goroutines, descriptors and alarms are as many at the end as in the middle. FORESIGHT_SOAK sets for how long
// (`make soak`: an hour); by default for as long as shows a leak that is large.
func TestSoak(t *testing.T) {
	if runtime.GOOS != "linux" {
		testkit.NotRun(t, "it reads /proc")
	}
	long := 20 * time.Second
	if text := os.Getenv("FORESIGHT_SOAK"); text != "" {
		var err error
		if long, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	const series = 60
	_, source := startGenerator(t, series)
	p := startProcess(t, fmt.Sprintf(followForLong, source))
	testkit.WaitFor(t, 5*time.Minute, "all series to be learnt", func() error {
		got, err := p.scrape(t)
		if err == nil && got != series {
			err = fmt.Errorf("%d series are ok", got)
		}
		return err
	})

	var busy sync.WaitGroup
	var requests, failures atomic.Int64
	end := make(chan struct{})
	again := func(wait, every time.Duration, method, path string) {
		busy.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-end:
					return
				case <-time.After(wait):
				}
				wait = every
				requests.Add(1)
				if err := request(client, method, p.url+path); err != nil {
					failures.Add(1)
					t.Logf("%s %s: %v", method, path, err)
				}
			}
		})
	}
	for i := range 50 { // spread, as scrapes are
		again(time.Duration(i)*100*time.Millisecond, 5*time.Second, http.MethodGet, "/metrics")
	}
	again(0, time.Second, http.MethodPost, "/-/reload")
	again(0, 2*time.Second, http.MethodGet, "/tasks?task=load")
	again(0, 2*time.Second, http.MethodGet, "/series?task=load&instance=host-7.example:9100")
	again(0, 2*time.Second, http.MethodGet, "/api/v1/query?query=max_over_time(foresight_expected[6h:5m]%20offset%20-6h)")

	const looks = 40
	var all [looks]exposition
	for i := range all {
		time.Sleep(long / looks)
		all[i] = parse(t, testkit.MustGet(t, p.url+"/metrics"))
	}
	close(end)
	busy.Wait()
	if n := failures.Load(); n > 0 {
		t.Errorf("%d of %d requests failed", n, requests.Load())
	}
	for name, slack := range map[string]float64{
		"process_resident_memory_bytes": 24 << 20, "go_goroutines": 30, "process_open_fds": 30,
	} {
		middle, last := 0., 0.
		for i := range looks / 4 {
			middle = max(middle, all[looks/4+i].value(name))
			last = max(last, all[looks-1-i].value(name))
		}
		t.Logf("%s: at most %.0f in the second quarter, %.0f in the last", name, middle, last)
		if last > 1.1*middle+slack {
			t.Errorf("%s grew from %.0f to %.0f", name, middle, last)
		}
	}
	for i, e := range all {
		alarms := 0
		for _, v := range e.values("foresight_anomaly_score") {
			if v > 1 {
				alarms++
			}
		}
		if ok := e.value("foresight_task_series", "state", "ok"); alarms > series/20 || ok != series {
			t.Errorf("look %d: %d alarms of %d series, %g are ok", i, alarms, series, ok)
		}
	}
	t.Logf("%d requests in %s", requests.Load(), long)
}

func request(client *http.Client, method, url string) error {
	req, err := http.NewRequestWithContext(context.Background(), method, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", resp.Status, body)
	}
	return err
}
