package board

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReach(t *testing.T) {
	const week = 7 * 24 * time.Hour
	s := &Snapshot{Horizon: week}
	require.Equal(t, week, s.Reach(0), "no limit")
	require.Equal(t, week, s.Farthest())
	s.Columns = []Column{
		{Metric: TimeToExhaustion, Label: "probability", LabelValue: "0.5", Values: []float64{1, 1, 1, 1, 1}},
		{Metric: TimeToExhaustion, Label: "probability", LabelValue: "0.9", Values: []float64{3600, 10 * 86400, 30 * 86400, math.Inf(1), math.NaN()}},
	}
	for i, want := range []time.Duration{week, 10 * 24 * time.Hour, 14 * 24 * time.Hour, week, week} {
		require.Equal(t, want, s.Reach(i), "series %d", i)
	}
	require.Equal(t, 14*24*time.Hour, s.Farthest())
	s.Horizon = 365 * 24 * time.Hour
	require.Equal(t, s.Horizon, s.Reach(1))
}
