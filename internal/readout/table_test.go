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
