package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const followMany = `
source: {url: %q, timeout: 5m}
defaults: {step: %s, history: %s, evaluation_interval: 1s, series_limit: 1000000}
tasks:
  - name: load
    expr: load
    horizons: [1h]
`

// TestScale follows many series with four weeks of history at steps of five minutes, in a process of its own, and
// measures it. FORESIGHT_SCALE sets how many (`make scale`: 10,000); by default they are fewer, at shorter steps.
func TestScale(t *testing.T) {
	if runtime.GOOS != "linux" {
		testkit.NotRun(t, "it reads /proc")
	}
	count, step, history := 1000, "30s", "3d"
	if text := os.Getenv("FORESIGHT_SCALE"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		step, history = "5m", "28d"
	}
	g, source := startGenerator(t, count)
	p := startProcess(t, fmt.Sprintf(followMany, source, step, history))

	begin := time.Now()
	testkit.WaitFor(t, 20*time.Minute, "all series to be learnt", func() error {
		time.Sleep(time.Second) // a scrape costs as well
		got, err := p.scrape(t)
		if err == nil && got != count {
			err = fmt.Errorf("%d series are ok", got)
		}
		return err
	})
	t.Logf("learnt %d series in %v, %v of processor time, %d MB at most", count, time.Since(begin).Round(time.Second), p.cpu(t).Round(time.Second), p.memory(t, "VmHWM")>>20)

	before, asked := p.cpu(t), g.instants.Load()
	testkit.WaitFor(t, 6*time.Minute, "the next evaluation", func() error {
		if g.instants.Load() == asked {
			return fmt.Errorf("the source was not asked since %d queries", asked)
		}
		return nil
	})
	testkit.WaitFor(t, time.Minute, "the evaluation to end", func() error {
		start := p.cpu(t)
		time.Sleep(time.Second)
		if now := p.cpu(t); now-start > 50*time.Millisecond {
			return fmt.Errorf("%v of processor time in a second", now-start)
		}
		return nil
	})
	evaluation := p.cpu(t) - before

	best := time.Hour
	for range 3 {
		start := time.Now()
		if _, err := p.scrape(t); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	resident := p.memory(t, "VmRSS")
	t.Logf("%d series: %d MB resident (%d at most), an evaluation %v of processor time, a scrape %v",
		count, resident>>20, p.memory(t, "VmHWM")>>20, evaluation, best)

	// The targets are for 10,000 series; what the program itself takes is allowed once.
	share := float64(count) / 10000
	if limit := int64(60<<20 + share*340*(1<<20)); resident > limit {
		t.Errorf("%d MB resident, want at most %d", resident>>20, limit>>20)
	}
	if limit := time.Duration((0.1 + share*4.9) * float64(time.Second)); evaluation > limit {
		t.Errorf("an evaluation takes %v of processor time, want at most %v", evaluation, limit)
	}
	if limit := 500 * time.Millisecond; best > limit {
		t.Errorf("a scrape takes %v, want at most %v", best, limit)
	}
}

// process is a Foresight of its own, built without the race detector.
type process struct {
	url string
	pid int
}

func startProcess(t *testing.T, configYAML string) *process {
	t.Helper()
	dir := t.TempDir()
	bin, config := filepath.Join(dir, "foresight"), filepath.Join(dir, "foresight.yml")
	testkit.Run(t, "", "go", "build", "-C", testkit.Root(), "-o", bin, "./cmd/foresight")
	if err := os.WriteFile(config, []byte(configYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	address := testkit.FreeAddress(t)
	cmd := exec.Command(bin, "--config.file="+config, "--web.listen-address="+address, "--storage.path=")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // gone is as good
		_ = cmd.Wait()         // says that it was killed
	})
	return &process{url: "http://" + address, pid: cmd.Process.Pid}
}

// scrape reads all metrics and gives how many series are ok.
func (p *process) scrape(t *testing.T) (int, error) {
	t.Helper()
	status, body, err := testkit.Get(t, p.url+"/metrics")
	if err != nil || status != 200 {
		return 0, fmt.Errorf("status %d: %w", status, err)
	}
	_, rest, _ := strings.Cut(body, `foresight_task_series{task="load",state="ok"} `)
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(line)
	if err != nil {
		return 0, fmt.Errorf("no number of series yet: %w", err)
	}
	return n, nil
}

// cpu gives the processor time used so far, of all cores.
func (p *process) cpu(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		t.Fatalf("/proc/%d/stat: %s", p.pid, text)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // a tick is 1/100 s
}

// memory gives a size of /proc/PID/status in bytes.
func (p *process) memory(t *testing.T, name string) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), name+":")
	kib, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return kib << 10
}
