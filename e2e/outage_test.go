package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const scrapeTarget = `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: company
    honor_labels: true
    static_configs: [{targets: [%q]}]
`

// followFast follows the past two days at steps of 10 seconds, so that much happens during a test.
const followFast = `
source: {url: %q, timeout: 3s}
defaults: {step: 10s, history: 2d, evaluation_interval: 1s}
tasks:
  - name: traffic
    expr: traffic
    season: none
    horizons: [10m]
    outputs: [expected, forecast, observed, info]
`

// wave is a curve with a period of two hours, the same at steps of ten seconds as of a minute.
func wave(base float64) func(time.Time) float64 { return weekly(base, 0.02*base, 0) }

// TestSourceAway has the source away at the start, killed, and hung: Foresight starts, says so, answers scrapes at
// once, exports no wrong value, and recovers by itself with nothing lost.
func TestSourceAway(t *testing.T) {
	t.Parallel()
	traffic := truth{name: "traffic", labels: labels.FromStrings("job", "shop", "instance", "a:80"), smooth: wave(100), noise: 1}
	all := []truth{traffic}
	now := time.Now()
	target := startTarget(t, func(now time.Time) string { return expose(all, now) })
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), fmt.Sprintf(scrapeTarget, target), func(dir string) {
		testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, now.Add(-50*time.Hour), now, 10*time.Second, histories(all))
	})
	p.Kill()

	f := startForesight(t, fmt.Sprintf(followFast, p.URL), t.TempDir())
	testkit.WaitFor(t, 30*time.Second, "the outage to be noticed", func() error { return f.sourceUp(0) })
	if err := f.Ready(); err == nil {
		t.Error("Foresight is ready before it read anything")
	}
	testkit.WaitStatus(t, 10*time.Second, f.URL()+"/-/healthy", http.StatusOK)
	testkit.WaitStatus(t, 10*time.Second, f.URL()+"/-/ready", http.StatusServiceUnavailable)

	// quick checks that a scrape succeeds soon, whatever the source does, and that what it says is near the truth.
	quick := func(when string) exposition {
		t.Helper()
		start := time.Now()
		e := f.scrape()
		if took := time.Since(start); took > time.Second*slowdown {
			t.Errorf("%s, a scrape took %v", when, took)
		}
		for _, name := range []string{"foresight_expected", "foresight_forecast", "foresight_observed"} {
			for _, v := range e.values(name) {
				if v < 90 || v > 110 {
					t.Errorf("%s, %s is %g, want about 100", when, name, v)
				}
			}
		}
		return e
	}
	quick("with the source away")

	p.Start()
	recovered := func(when string) {
		t.Helper()
		testkit.WaitFor(t, 90*time.Second, "recovery "+when, func() error {
			if err := f.sourceUp(1); err != nil {
				return err
			}
			e := f.scrape()
			origin, ok := e.value("foresight_task_origin_timestamp_seconds"), e.value("foresight_task_series", "state", "ok")
			if age := float64(time.Now().Unix()) - origin; age > 25 || ok != 1 || len(e.values("foresight_expected")) != 1 {
				return fmt.Errorf("the origin is %g s old, %g series are ok, expected %v", age, ok, e.values("foresight_expected"))
			}
			return nil
		})
		testkit.WaitStatus(t, 10*time.Second, f.URL()+"/-/ready", http.StatusOK)
		quick(when)
	}
	recovered("after the start")

	p.Kill()
	testkit.WaitFor(t, 60*time.Second, "the crash to be noticed", func() error { return f.sourceUp(0) })
	testkit.WaitFor(t, 60*time.Second, "a missed evaluation", func() error {
		if missed := quick("after a crash").value("foresight_task_missed_evaluations_total"); missed == 0 {
			return errors.New("none was counted")
		}
		return nil
	})
	p.Start()
	recovered("after a crash")

	before := f.scrape().value("foresight_source_samples_read_total")
	p.Pause()
	testkit.WaitFor(t, 60*time.Second, "the hanging source to be noticed", func() error { return f.sourceUp(0) })
	quick("with a hanging source")
	var reloads sync.WaitGroup
	reloads.Go(func() {
		for range 3 {
			if err := f.Reload(); err != nil {
				t.Errorf("reload: %v", err)
			}
		}
	})
	quick("during a reload with a hanging source")
	reloads.Wait()
	testkit.WaitFor(t, time.Minute, "three steps to pass", func() error {
		if age := float64(time.Now().Unix()) - f.scrape().value("foresight_task_origin_timestamp_seconds"); age < 40 {
			return fmt.Errorf("the origin is %g s old", age)
		}
		return nil
	})
	p.Continue()
	recovered("after the source hung")
	if read := f.scrape().value("foresight_source_samples_read_total") - before; read < 3 {
		t.Errorf("%g samples were read after the source hung, want those it took meanwhile", read)
	}
}

// sourceUp says why foresight_source_up is not want.
func (f *foresight) sourceUp(want float64) error {
	if got := f.scrape().value("foresight_source_up"); got != want {
		return fmt.Errorf("foresight_source_up is %g, want %g", got, want)
	}
	return nil
}

// TestRestart shows that what was learnt outlives a restart of Foresight, without another bulk read.
func TestRestart(t *testing.T) {
	t.Parallel()
	traffic := truth{name: "traffic", labels: labels.FromStrings("job", "shop", "instance", "a:80"), smooth: wave(100), noise: 1}
	all := []truth{traffic}
	now := time.Now()
	target := startTarget(t, func(now time.Time) string { return expose(all, now) })
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), fmt.Sprintf(scrapeTarget, target), func(dir string) {
		testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, now.Add(-50*time.Hour), now, 10*time.Second, histories(all))
	})
	storage := t.TempDir()
	f := startForesight(t, fmt.Sprintf(followFast, p.URL), storage)
	f.waitReady(time.Minute)
	first := f.scrape()
	f.end()

	f = startForesight(t, fmt.Sprintf(followFast, p.URL), storage)
	f.waitReady(time.Minute)
	second := f.scrape()
	if a, b := first.value("foresight_source_samples_read_total"), second.value("foresight_source_samples_read_total"); a < 17000 || b > 100 {
		t.Errorf("%g samples were read before the restart and %g after it, want two days and a few", a, b)
	}
	if a, b := first.value("foresight_forecast"), second.value("foresight_forecast"); !(b > a-5 && b < a+5) {
		t.Errorf("the forecast is %g before the restart and %g after it", a, b)
	}
}
