package readout

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Every family of single series is a row of the table, in the order in which they are exposed; foresight_series_info
// has no columns, foresight_limit is for the pages only.
func TestTableIsWhole(t *testing.T) {
	var got []string
	for _, f := range table() {
		require.Equal(t, f.label == "", f.values == nil, f.metric.Name)
		if f.hidden {
			require.Equal(t, board.Limit, f.metric)
			continue
		}
		got = append(got, f.metric.Name)
	}
	var want []string
	for _, m := range board.SeriesMetrics {
		if m != board.SeriesInfo {
			want = append(want, m.Name)
		}
	}
	require.Equal(t, want, got)
}

func TestExported(t *testing.T) {
	for task, want := range map[string]int{
		"by: []":             7,
		"group_by: [x]":      8,
		"horizons: [1h, 6h]": 13,
		"exhaustion: {limit: 1, within: [1d]}, horizons: [1h]":                            14,
		"exhaustion: {limit: 1}, outputs: [exhaustion]":                                   5,
		"outputs: [expected, anomaly, forecast, observed, quality, info], horizons: [1h]": 13,
		"outputs: [forecast]": 9,
		"outputs: [quality]":  2,
	} {
		require.Equal(t, want, New(everything(t, task), nil).Exported(), task)
	}
}

// What is wanted is chosen among all columns; those that the task does not export are hidden.
func TestWanted(t *testing.T) {
	r := New(everything(t, "outputs: [expected], horizons: [1h, 6h]"), func(m board.Metric, _, value string) bool {
		return m == board.Expected || m == board.Forecast && value == "6h"
	})
	require.Len(t, r.columns, 3)
	require.Equal(t, board.Column{Metric: board.Expected}, r.columns[0])
	require.Equal(t, board.Column{Metric: board.Forecast, Label: "horizon", LabelValue: "1h", Hidden: true}, r.columns[1])
	require.Equal(t, 1, r.Exported())
}
