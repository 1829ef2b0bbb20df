package engine

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// A storage path that is there and takes no file, as on a read-only disk, is told, and the task goes on without.
func TestStorageThatIsReadOnly(t *testing.T) {
	in(t, func(w *world) {
		w.engine.Stop()
		w.options.StoragePath = "/proc/self" // takes no file from anybody, root included
		w.start()
		w.source.set("m", fakeSeries{labels.FromStrings("s", "a"), daily(1)})
		w.apply(`tasks: [{name: t, expr: m}]`)
		w.after(saveInterval + 6*time.Minute)
		w.goesOn("t")
		require.Contains(w.t, w.log.String(), "What was learnt can't be saved")
	})
}
