package engine

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/source"
)

// A fault that comes and goes, for all tasks, gives a line a minute and not one for each task and change; each task's own
// fault is told.
func TestFlappingFaultGivesALineAMinute(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply("tasks: [{name: a, expr: m}, {name: b, expr: m}, {name: c, expr: m}, {name: d, expr: m}]")
		for i := range 60 {
			w.source.fail(nil)
			if i%2 == 0 {
				w.source.fail(&source.Error{Reason: source.ReasonUnavailable, Err: errors.New("refused")})
			}
			w.after(time.Minute)
		}
		require.LessOrEqual(w.t, strings.Count(w.log.String(), "Evaluation failed"), 60)
		require.Positive(w.t, strings.Count(w.log.String(), "Evaluation failed"))
	})
	var log told
	require.True(t, log.allow("unavailable", "a"))
	require.False(t, log.allow("unavailable", "b"), "one fault, whichever task meets it")
	require.True(t, log.allow("rejected", "a"))
	require.True(t, log.allow("rejected", "b"), "each task's own expression")
	require.False(t, log.allow("rejected", "b"))
	require.True(t, log.allow("", "b"), "that it is over")
}

// Each warning is counted every time and told when it begins; after an evaluation without it, it is told anew.
func TestWarningsAreToldAnew(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		warn := func(texts ...string) {
			w.source.mu.Lock()
			w.source.warnings = texts
			w.source.mu.Unlock()
			w.after(10 * time.Minute)
		}
		w.apply(`tasks: [{name: t, expr: m}]`)
		told := func() int { return strings.Count(w.log.String(), "The source warns") }
		count := func() float64 { return testutil.ToFloat64(w.engine.metrics.warnings.WithLabelValues("t")) }
		w.after(2 * time.Minute)
		warn("partial", "slow") // in two evaluations
		warn("partial")
		require.Equal(w.t, 2, told())
		require.InDelta(w.t, 6, count(), 0)
		warn()
		warn("partial")
		require.Equal(w.t, 3, told())
		require.InDelta(w.t, 8, count(), 0)
		for i := range 400 {
			warn(strconv.Itoa(i))
		}
		require.LessOrEqual(w.t, len(w.engine.running["t"].task.warned), 2)
	})
}

// Saves that fail are counted, and the time of the last one that did not stands still; a file is as it was.
func TestSavesThatFailAreCounted(t *testing.T) {
	in(t, func(w *world) {
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(time.Hour)
		m := w.engine.metrics
		require.InDelta(w.t, time.Now().Unix(), testutil.ToFloat64(m.saved), 30)
		require.Zero(w.t, testutil.ToFloat64(m.notSaved))
		path := w.statePath("t")
		require.NoError(w.t, os.Remove(path))
		require.NoError(w.t, os.Mkdir(path, 0o700))
		w.after(time.Hour)
		require.InDelta(w.t, 4, testutil.ToFloat64(m.notSaved), 1)
		require.Equal(w.t, 1, strings.Count(w.log.String(), "can't be saved"))
		require.NoError(w.t, os.Remove(path))
		w.after(time.Hour)
		require.FileExists(w.t, path)
		require.InDelta(w.t, 4, testutil.ToFloat64(m.notSaved), 1)
	})
}
