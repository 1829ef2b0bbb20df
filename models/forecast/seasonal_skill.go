package forecast

import "math"

// seasonalSkill compares what the profiles would have said of each value with a level alone. Errors count beside their own
// slow means, so that a drift, behind which every level lags, makes no season.
type seasonalSkill struct {
	n, period, longPeriod int
	level, week           float64    // slow means over a short and a long season
	short, long           float64    // of the profiles
	none, daily           float64    // sums of absolute errors: of the level, and with the short profile
	rest, weekly          float64    // with the short, and with the long, since that is known
	lag                   [3]float64 // slow means of the errors of the level, with the short, and with the long profile
	lagged                [3]bool    // those known
}

func newSeasonalSkill(p, w int) seasonalSkill { return seasonalSkill{period: p, longPeriod: w} }

func (g *seasonalSkill) add(y, short, long float64) {
	if g.period == 0 {
		return
	}
	if g.n >= learnedVisits*g.period {
		rate := 1 / float64(g.period)
		withShort := g.beside(1, y-g.level-(short-g.short), rate)
		g.none += g.beside(0, y-g.level, rate)
		g.daily += withShort
		if g.longPeriod > 0 && g.n >= 2*g.longPeriod {
			g.rest += withShort
			g.weekly += g.beside(2, y-g.week-(long-g.long), 1/float64(g.longPeriod))
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

// beside returns how far an error is off the slow mean of those before it.
func (g *seasonalSkill) beside(i int, e, rate float64) float64 {
	if !g.lagged[i] {
		g.lag[i], g.lagged[i] = e, true
	}
	d := e - g.lag[i]
	g.lag[i] += rate * d
	return math.Abs(d)
}

// confirmed returns which seasons made errors smaller, out of sample.
func (g *seasonalSkill) confirmed(p, w int) (short, long bool) {
	short = p > 0 && g.daily < confirmShort*g.none
	long = w > 0 && g.weekly < confirmLong*g.rest && g.rest > leastRest*g.none
	return short, long
}
