package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// selfMetrics are Foresight's own metrics and their types.
var selfMetrics = map[string]string{
	"foresight_build_info":                                   "gauge",
	"foresight_config_last_reload_successful":                "gauge",
	"foresight_config_last_reload_success_timestamp_seconds": "gauge",
	"foresight_source_up":                                    "gauge",
	"foresight_source_queries_total":                         "counter",
	"foresight_source_query_failures_total":                  "counter",
	"foresight_source_query_duration_seconds":                "histogram",
	"foresight_source_samples_read_total":                    "counter",
	"foresight_source_warnings_total":                        "counter",
	"foresight_source_refused_labels_total":                  "counter",
	"foresight_state_last_save_success_timestamp_seconds":    "gauge",
	"foresight_state_save_failures_total":                    "counter",
	"foresight_source_clock_offset_seconds":                  "gauge",
	"foresight_clock_jumps_total":                            "counter",
	"foresight_fit_duration_seconds":                         "histogram",
	"foresight_evaluation_duration_seconds":                  "histogram",
}

// documented gives the rows of the tables in docs/metrics.md whose first cell is code, by that, without a prefix.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("..", "docs", "metrics.md"))
	require.NoError(t, err)
	rows := map[string][]string{}
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.Trim(line, "| \n"), "|")
		name, isCode := strings.CutPrefix(strings.TrimSpace(cells[0]), "`")
		if !isCode || !strings.HasPrefix(line, "|") {
			continue
		}
		name = strings.TrimSuffix(name, "`")
		require.NotContains(t, rows, name, "documented twice")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[name] = cells
	}
	return rows
}

func TestEveryMetricIsDocumented(t *testing.T) {
	rows := documented(t)
	want := map[string]bool{}
	for _, m := range append(append([]board.Metric{}, board.SeriesMetrics...), board.TaskMetrics...) {
		want[m.Name] = true
		require.Contains(t, rows, m.Name)
		kind := "gauge"
		if m.Counter {
			kind = "counter"
		}
		require.Equal(t, kind, rows[m.Name][1], m.Name)
		require.Equal(t, string(m.Group), rows[m.Name][4], m.Name)
	}
	for name, kind := range selfMetrics {
		want[name] = true
		require.Contains(t, rows, name)
		require.Equal(t, kind, rows[name][1], name)
	}
	for _, g := range board.Groups {
		want[string(g)] = true
		require.Contains(t, rows, string(g), "group")
	}
	for s := range models.State(models.NumStates) {
		want[s.String()] = true
		require.Contains(t, rows, s.String(), "state")
	}
	for name := range rows {
		require.True(t, want[name], "%s is documented and does not exist", name)
	}
}
