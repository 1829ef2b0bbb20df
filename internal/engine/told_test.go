package engine

import (
	"errors"
	"strings"
	"testing"
	"time"

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
