package forecast

import (
	"math/rand/v2"
	"testing"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// lawOf learns errors that are twice as wide in the second half of the day.
func lawOf(n int) *conformal {
	rnd := rand.New(rand.NewPCG(2, 9))
	trials := make([]forecastError, n)
	for i := range trials {
		slot := i % numSlots
		e := rnd.NormFloat64() * float64(1+slot/12)
		trials[i] = forecastError{cutoff: i, bucket: 4, slot: uint8(slot), y: 5 + e, centre: 5, spread: 1}
	}
	l := new(conformal)
	l.learn(trials, keptErrors, 24, n)
	return l
}

// TestLawHolds: the intervals hold what they say, are local to the time of day, and nest at any level.
func TestLawHolds(t *testing.T) {
	l := lawOf(2000)
	rnd := rand.New(rand.NewPCG(4, 9))
	levels := []float64{0.2, 0.5, 0.8, 0.9, 0.95, 0.99}
	lower, upper := make([]float64, len(levels)), make([]float64, len(levels))
	width := [2]float64{}
	inside := make([]int, len(levels))
	const draws = 4800
	for i := range draws {
		slot := i % numSlots
		l.interval(lower, upper, levels, 5, 1, 1, 4, slot)
		y := 5 + rnd.NormFloat64()*float64(1+slot/12)
		for j := range levels {
			if j > 0 && (lower[j] > lower[j-1] || upper[j] < upper[j-1]) {
				t.Fatalf("not nested: %v %v", lower, upper)
			}
			inside[j] += numeric.OneIf(lower[j] <= y && y <= upper[j])
		}
		width[slot/12] += upper[4] - lower[4]
	}
	for j, level := range levels {
		if got := float64(inside[j]) / draws; got < level-0.04 || got > level+0.04 {
			t.Errorf("level %v holds %v", level, got)
		}
	}
	if r := width[1] / width[0]; r < 1.25 {
		t.Errorf("intervals are only %v times as wide where the noise is twice as large", r)
	}
}

func TestLawOfNothing(t *testing.T) {
	var l conformal
	l.learn(nil, keptErrors, 24, 0)
	lower, upper := []float64{0}, []float64{0}
	l.interval(lower, upper, []float64{0.95}, 3, 0, 1, 2, 0)
	if lower[0] != 3 || upper[0] != 3 {
		t.Errorf("want 3 and 3, got %v and %v", lower, upper)
	}
}
