package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/plot"
)

// TestShapes: the pictures of simple shapes show what the page says of them.
func TestShapes(t *testing.T) {
	// off is the mean distance of forecast i to what came, from one hour after its origin to another.
	off := func(c *plot.Chart, i int, from, to int64) float64 {
		truth := map[int64]float64{}
		for _, p := range c.Lines[0].Points {
			truth[p.T] = p.V
		}
		l := c.Lines[i].Points
		sum, n := 0.0, 0
		for _, p := range l {
			if h := (p.T - l[0].T) / hour; h >= from && h < to {
				sum += math.Abs(p.V - truth[p.T])
				n++
			}
		}
		return sum / float64(n)
	}
	require.Less(t, off(line(), 1, 144, 168), 8., "of a rise of 84 in the week")
	s := shift()
	require.Less(t, off(s, 1, 0, 1), 20., "an hour after a shift of 120, the next hour")
	require.Less(t, off(s, 2, 0, 24), 12., "twelve hours after it, the next day")
	require.Less(t, off(sawTooth(), 1, 0, 72), 3., "of teeth of 40")
}
