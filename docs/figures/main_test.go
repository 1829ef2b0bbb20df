package main

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/plot"
)

// TestFigures: the pictures show what the page says of them.
func TestFigures(t *testing.T) {
	off := func(l plot.Line, truth map[int64]float64, from, to int64) float64 {
		sum, all := 0.0, 0.0
		for _, p := range l.Points {
			if v, ok := truth[p.T]; ok && p.T >= from && p.T < to {
				sum, all = sum+math.Abs(p.V-v), all+v
			}
		}
		require.Positive(t, all)
		return sum / all
	}
	h := holidays()
	truth := map[int64]float64{}
	for _, p := range h.Lines[2].Points {
		truth[p.T] = p.V
	}
	holiday := h.Spans[0]
	require.Less(t, off(h.Lines[1], truth, holiday.From, holiday.To), 0.2, "with a calendar")
	require.Greater(t, off(h.Lines[0], truth, holiday.From, holiday.To), 0.6, "without one")

	m := months()
	clear(truth)
	for _, p := range m.Lines[0].Points {
		truth[p.T] = p.V
	}
	require.Less(t, off(m.Lines[1], truth, m.Now, m.To), 0.12)
	for _, c := range []*plot.Chart{h, m} {
		svg := standalone(c)
		require.True(t, strings.HasPrefix(svg, "<svg") && strings.Contains(svg, "xmlns=") && strings.Contains(svg, "<style>"))
		require.Less(t, len(svg), 200<<10)
	}
}
