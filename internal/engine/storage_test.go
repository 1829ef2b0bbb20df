//go:build linux || darwin

package engine

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/models"
)

// Storage that can't be written is told, and the task goes on without.
func TestStorageThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	in(t, func(w *world) {
		w.engine.Stop()
		w.options.StoragePath = filepath.Join(file, "data")
		w.start()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(saveInterval + 6*time.Minute)
		w.goesOn("t")
		if !strings.Contains(w.log.String(), "What was learnt can't be saved") || !strings.Contains(w.log.String(), file) {
			t.Errorf("the failure and its path are not logged:\n%s", w.log)
		}
	})
}

// Storage that is full keeps the state saved before, and takes the next when there is space again.
func TestStorageThatIsFull(t *testing.T) {
	exceeded := make(chan os.Signal, 1) // else it would end the process
	signal.Notify(exceeded, syscall.SIGXFSZ)
	defer signal.Stop(exceeded)
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(saveInterval + 6*time.Minute)
		path := w.statePath("t")
		saved := read(t, path)

		restore := limitFiles(t, uint64(len(saved)/2))
		w.after(saveInterval)
		restore()
		w.goesOn("t")
		if !strings.Contains(w.log.String(), "What was learnt can't be saved") {
			t.Errorf("the failure is not logged:\n%s", w.log)
		}
		if read(t, path) != saved {
			t.Error("the state saved before is not kept")
		}
		if left, err := filepath.Glob(path + ".tmp*"); err != nil || len(left) > 0 {
			t.Errorf("%v is left (%v)", left, err)
		}
		w.after(saveInterval + 6*time.Minute)
		if read(t, path) == saved {
			t.Error("with space again nothing is saved")
		}
	})
}

// goesOn checks that a task was evaluated just now.
func (w *world) goesOn(task string) {
	w.t.Helper()
	s := w.board.Task(task)
	if age := time.Since(time.UnixMilli(s.Origin)); age > 11*time.Minute || s.Error != "" {
		w.t.Errorf("the origin is %v old, the error %q", age, s.Error)
	}
	if got := w.states(task, "s")["a"]; got != models.StateOK {
		w.t.Errorf("the state is %v, want ok", got)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// limitFiles has writes beyond a size fail, as those to a full disk do, until the function returned is called.
func limitFiles(t *testing.T, size uint64) func() {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: size, Max: before.Max})
	return func() { set(before) }
}
