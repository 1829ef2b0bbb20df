//go:build linux || darwin

package engine

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/models"
)

// Storage that can't be written is told, and the task goes on without.
func TestStorageThatIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	in(t, func(w *world) {
		w.engine.Stop()
		w.options.StoragePath = filepath.Join(file, "data")
		w.start()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(saveInterval + 6*time.Minute)
		w.goesOn("t")
		require.Contains(w.t, w.log.String(), "What was learnt can't be saved", "the failure and its path are not logged:\n%s", w.log)
		require.Contains(w.t, w.log.String(), file, "the failure and its path are not logged:\n%s", w.log)
	})
}

// Storage that is full keeps the state saved before, and takes the next when there is space again.
func TestStorageThatIsFull(t *testing.T) {
	const own = "FORESIGHT_TEST_STORAGE_FULL"
	if os.Getenv(own) == "" {
		// In a process of its own, whose other files the limit does no harm.
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStorageThatIsFull$", "-test.v")
		again.Env = append(os.Environ(), own+"=1")
		out, err := again.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
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
		require.Contains(w.t, w.log.String(), "What was learnt can't be saved", "the failure is not logged:\n%s", w.log)
		require.Equal(w.t, saved, read(t, path), "the state saved before is not kept")
		left, err := filepath.Glob(path + ".tmp*")
		require.NoError(w.t, err)
		require.Empty(w.t, left)
		w.after(saveInterval + 6*time.Minute)
		require.NotEqual(w.t, saved, read(t, path), "with space again nothing is saved")
	})
}

// goesOn checks that a task was evaluated just now.
func (w *world) goesOn(task string) {
	w.t.Helper()
	s := w.board.Task(task)
	require.LessOrEqual(w.t, time.Since(time.UnixMilli(s.Origin)), 11*time.Minute)
	require.Empty(w.t, s.Error)
	require.Equal(w.t, models.StateOK, w.states(task, "s")["a"])
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// limitFiles has writes beyond a size fail, as those to a full disk do, until the function returned is called.
func limitFiles(t *testing.T, size uint64) func() {
	t.Helper()
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	set := func(l syscall.Rlimit) {
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l))
	}
	set(syscall.Rlimit{Cur: size, Max: before.Max})
	return func() { set(before) }
}
