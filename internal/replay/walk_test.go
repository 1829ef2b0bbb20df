package replay

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/source"
)

func TestFindStep(t *testing.T) {
	rows := func(seconds ...int64) (s []source.Sample) {
		for _, t := range seconds {
			s = append(s, source.Sample{T: t * 1000, V: 1})
		}
		return s
	}
	for _, c := range []struct {
		name string
		rows []source.Sample
		want time.Duration
	}{
		{"regular", rows(0, 300, 600, 900), 5 * time.Minute},
		{"a gap", rows(0, 300, 600, 6000, 6300), 5 * time.Minute},
		{"jitter", rows(0, 300, 599, 899, 1199), 300 * time.Second},
		{"repeats", rows(0, 0, 60, 60, 120), time.Minute},
	} {
		got, err := FindStep(c.rows)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
	_, err := FindStep(rows(5, 5))
	require.ErrorContains(t, err, "less than two rows")
}

func TestGrid(t *testing.T) {
	nan := math.NaN()
	var rows []source.Sample
	for _, r := range [][2]int64{{0, 1}, {10_000, 2}, {25_000, 3}, {20_000, 4}, {61_000, 5}, {90_000, 9}} {
		rows = append(rows, source.Sample{T: r[0], V: float64(r[1])})
	}
	s := Grid(rows, 70_000, 10*time.Second)
	want := []float64{1, 2, 4, 3, nan, nan, nan, 5}
	require.Zero(t, s.Start)
	require.Equal(t, int64(10_000), s.Step)
	same(t, want, s.Values)
	require.Equal(t, int64(70_000), s.End())
}
