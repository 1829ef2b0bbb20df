package forecast

import (
	"math"
	"time"
)

// grids are the spacings a series is seen at: its step; medium, about five minutes, over the last week; coarse, about an
// hour, over the last weeks. Where the step is as long as one of them they are the same.
type grids struct {
	step       int64 // milliseconds
	perMedium  int   // steps in a medium one
	perHour    int   // medium steps in a coarse one
	fineSize   int   // remembered of each
	mediumSize int
	hourlySize int
}

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = 60 * minute
	day    = 24 * hour
)

func newGrids(step int64) grids {
	if step >= 45*minute {
		return grids{step: step, perMedium: 1, perHour: 1, fineSize: longSize}
	}
	steps := int((hour + step/2) / step) // in a coarse one
	for d := range steps / 4 {           // so that a day is whole, where that is near
		if day%(step*int64(steps+d)) == 0 {
			steps += d
			break
		}
		if day%(step*int64(steps-d)) == 0 {
			steps -= d
			break
		}
	}
	g := grids{step: step, perMedium: 1, perHour: steps, hourlySize: hourlySize}
	for r := 1; r <= steps/4; r++ { // the divisor that comes nearest to five minutes
		if steps%r == 0 && math.Abs(math.Log(float64(int64(r)*step)/float64(5*minute))) < math.Abs(math.Log(float64(int64(g.perMedium)*step)/float64(5*minute))) {
			g.perMedium, g.perHour = r, steps/r
		}
	}
	g.fineSize = min(fineSize, hourlySize*g.perHour)
	if g.perMedium > 1 {
		g.fineSize, g.mediumSize = fineSize, min(fineSize, 7*24*g.perHour)
	}
	return g
}

func (g *grids) mediumStep() int64 { return g.step * int64(g.perMedium) }

func (g *grids) coarseStep() int64 { return g.step * int64(g.perMedium*g.perHour) }

// exactSpan returns of how many of n medium values the coarse ones are made anew, so that they end where the samples do; the
// older ones are the clock's hours.
func (g *grids) exactSpan(n int) int { return min(n, g.perDay()+3*g.perHour) }

// perDay is how many medium steps a day has, at least 1.
func (g *grids) perDay() int { return int(max(1, day/g.mediumStep())) }
