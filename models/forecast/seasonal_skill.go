package forecast

import (
	"math"
)

// gain compares what the profiles would have said of each value with a level alone.
type seasonalSkill struct {
	n, period, longPeriod int
	level, week           float64 // slow means over a short and a long season
	short, long           float64 // of the profiles
	none, daily           float64 // sums of absolute errors: of the level, and with the short profile
	rest, weekly          float64 // with the short, and with the long, since that is known
}

func newSeasonalSkill(p, w int) seasonalSkill { return seasonalSkill{period: p, longPeriod: w} }

func (g *seasonalSkill) add(y, short, long float64) {
	if g.period == 0 {
		return
	}
	if g.n >= learnedVisits*g.period {
		base := math.Abs(y - g.level)
		withShort := math.Abs(y - g.level - (short - g.short))
		g.none += base
		g.daily += withShort
		if g.longPeriod > 0 && g.n >= 2*g.longPeriod {
			g.rest += withShort
			g.weekly += math.Abs(y - g.week - (long - g.long))
		}
	}
	g.n++
	rate := max(1/float64(g.period), 1/float64(g.n))
	g.level += rate * (y - g.level)
	g.short += rate * (short - g.short)
	if g.longPeriod > 0 {
		rate = max(1/float64(g.longPeriod), 1/float64(g.n))
		g.week += rate * (y - g.week)
		g.long += rate * (long - g.long)
	}
}

// confirmed tells which seasons made errors smaller, out of sample.
func (g *seasonalSkill) confirmed(p, w int) (short, long bool) {
	short = p > 0 && g.daily < confirmShort*g.none
	long = w > 0 && g.weekly < confirmLong*g.rest
	return short, long
}
