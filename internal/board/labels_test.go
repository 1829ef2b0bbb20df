package board

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
)

func TestExportedLabels(t *testing.T) {
	for _, c := range []struct{ in, want labels.Labels }{
		{labels.FromStrings("__name__", "m", "job", "j"), labels.FromStrings("job", "j", "task", "t")},
		{labels.FromStrings("task", "x", "state", "y"), labels.FromStrings("exported_task", "x", "exported_state", "y", "task", "t")},
		{labels.FromStrings("task", "x", "exported_task", "y"), labels.FromStrings("exported_exported_task", "x", "exported_task", "y", "task", "t")},
		{labels.EmptyLabels(), labels.FromStrings("task", "t")},
	} {
		if got := ExportedLabels("t", c.in); !labels.Equal(got, c.want) {
			t.Errorf("ExportedLabels(%v) = %v, want %v", c.in, got, c.want)
		}
	}
	for name, want := range map[string]string{"job": "job", "state": "exported_state", "exported_state": "exported_state"} {
		if got := ExportedLabel(name); got != want {
			t.Errorf("ExportedLabel(%q) = %q, want %q", name, got, want)
		}
	}
	for exported, want := range map[string]string{"job": "job", "task": "", "exported_task": "task", "exported_job": "exported_job"} {
		if got := SourceLabel(exported); got != want {
			t.Errorf("SourceLabel(%q) = %q, want %q", exported, got, want)
		}
	}
}
