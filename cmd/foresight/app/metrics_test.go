package app

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// The registry of a running app holds the metrics that docs/metrics.md lists as Foresight's own, with the types and
// labels given there, and nothing else but those of the Go and process collectors.
func TestSelfMetricsAreThoseDocumented(t *testing.T) {
	r := start(t, newFakePrometheus(t).config(""), nil)
	r.waitReady(t)
	families, err := r.registry.Gather()
	require.NoError(t, err)
	got := map[string]string{}
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, board.Prefix) {
			got[name] = strings.ToLower(f.GetType().String()) + labelNames(f)
		} else if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			t.Errorf("%s is exposed", name)
		}
	}
	require.Equal(t, documented(t), got)
}

func labelNames(f *dto.MetricFamily) string {
	names := map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			names[l.GetName()] = true
		}
	}
	return " " + strings.Join(slices.Sorted(maps.Keys(names)), " ")
}

// documented gives type and sorted label names of each metric in the table of Foresight's own.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/metrics.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "## Of Foresight itself\n")
	section, _, _ = strings.Cut(section, "\n## ")
	metrics := map[string]string{}
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`"+board.Prefix) {
			continue
		}
		names := strings.Fields(strings.NewReplacer("`", "", ",", " ").Replace(cells[3]))
		slices.Sort(names)
		metrics[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[2]) + " " + strings.Join(names, " ")
	}
	require.NotEmpty(t, metrics)
	return metrics
}
