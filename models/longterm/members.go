package longterm

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// member is one of the simple forecasters of weekly means.
type member uint8

const (
	flat    member = iota // the mean of the last four weeks
	line                  // the median slope of all weeks, from the last four on
	recent                // the slope of the last quarter, fading
	curved                // the line on the logarithm; of positive series
	yearAgo               // a year ago, times the growth since then
	numMembers
)

const (
	levelWeeks  = 4
	growthWeeks = 8
	recentWeeks = 13
	fading      = 0.95 // of the recent slope, a week: half of it after a quarter
	harmonics   = 6
	terms       = 2 + 2*harmonics
	ridge       = 0.5 // weeks of evidence against each harmonic
	mostGrowth  = 1.0 // logarithm of what the curved member may add beyond the line, a year: nothing doubles for ever
)

// state is what the members need to forecast from the end of some weeks.
type state struct {
	Level, Slope   float64 // of the line, per week
	RecentSlope    float64
	LogLevel, Rate float64
	Positive       bool
	Season         [2 * harmonics]float64 // on the logarithm where positive, of weeks after the end
	LastYear       [yearWeeks]float64
	Growth         float64 // since a year ago; 0: not known
}

// learnState looks at weeks y. season is whether to find a yearly one.
func learnState(y []float64, season bool) state {
	var s state
	s.Positive = slices.Min(y) > 0
	u := y
	if season {
		u = s.takeSeason(y)
	}
	s.Slope = medianSlope(u)
	s.Level = endOf(u, s.Slope)
	s.RecentSlope = medianSlope(u[max(0, len(u)-recentWeeks):])
	if s.Positive {
		logs := make([]float64, len(u))
		for i, v := range u {
			logs[i] = math.Log(v)
		}
		s.Rate = medianSlope(logs)
		s.LogLevel = endOf(logs, s.Rate)
	}
	if n := len(y); n >= yearWeeks+growthWeeks {
		copy(s.LastYear[:], y[n-yearWeeks:])
		now, then := 0.0, 0.0
		for i := range growthWeeks {
			now += y[n-1-i]
			then += y[n-1-i-yearWeeks]
		}
		if now > 0 && then > 0 && s.Positive {
			s.Growth = now / then
		}
	}
	return s
}

// endOf gives where a line of that slope through the last weeks ends.
func endOf(u []float64, slope float64) float64 {
	n := min(levelWeeks, len(u))
	sum := 0.0
	for i := range n {
		sum += u[len(u)-1-i] + slope*float64(i)
	}
	return sum / float64(n)
}

// medianSlope is the median of the slopes between weeks half of them apart (Theil 1950, Siegel's pairs thinned), which
// a step or a burst does not bend.
func medianSlope(u []float64) float64 {
	gap := len(u) / 2
	if gap == 0 {
		return 0
	}
	slopes := make([]float64, 0, 4*len(u))
	for _, g := range [...]int{gap, gap + gap/4, gap + gap/2} {
		for i := 0; i+g < len(u) && g > 0; i++ {
			slopes = append(slopes, (u[i+g]-u[i])/float64(g))
		}
	}
	return numeric.Median(slopes)
}

// forecast fills f with what the members say of the week h after the end, 1 and above; NaN where one cannot tell.
func (s *state) forecast(f *[numMembers]float64, h float64) {
	f[flat] = s.withSeason(s.Level, h)
	f[line] = s.withSeason(s.Level+s.Slope*h, h)
	faded := (1 - math.Pow(fading, h)) / (1 - fading)
	f[recent] = s.withSeason(s.Level+s.RecentSlope*faded, h)
	f[curved], f[yearAgo] = math.NaN(), math.NaN()
	if s.Positive {
		straight := math.Log(max(s.Level+s.Slope*h, math.SmallestNonzeroFloat64))
		f[curved] = s.withSeason(math.Exp(min(s.LogLevel+s.Rate*h, straight+mostGrowth*h/year)), h)
	}
	if s.Growth > 0 {
		years := math.Ceil(h / yearWeeks)
		at := h - (years-1)*yearWeeks // 0 to 52 weeks after a year ago
		i := min(max(int(math.Ceil(at))-1, 0), yearWeeks-1)
		f[yearAgo] = s.LastYear[i] * math.Pow(s.Growth, years)
	}
}

// withSeason adds the season h weeks after the end to a level.
func (s *state) withSeason(level, h float64) float64 {
	e := 0.0
	for k := range harmonics {
		sin, cos := math.Sincos(2 * math.Pi * float64(k+1) * h / year)
		e += s.Season[2*k]*sin + s.Season[2*k+1]*cos
	}
	if s.Positive {
		return level * math.Exp(e)
	}
	return level + e
}

// takeSeason finds the yearly season of weeks by ridge regression on a line and harmonics, and gives the weeks without it.
func (s *state) takeSeason(y []float64) []float64 {
	n := len(y)
	var a [terms][terms]float64
	var b [terms]float64
	for i, v := range y {
		if s.Positive {
			v = math.Log(v)
		}
		x := seasonTerms(float64(i-n+1), n)
		for j := range x {
			for k := range x {
				a[j][k] += x[j] * x[k]
			}
			b[j] += x[j] * v
		}
	}
	for j := 2; j < terms; j++ {
		a[j][j] += ridge
	}
	x := solve(&a, &b)
	copy(s.Season[:], x[2:])
	u := make([]float64, n)
	for i, v := range y {
		without := *s
		for j := range without.Season {
			without.Season[j] = -without.Season[j]
		}
		u[i] = without.withSeason(v, float64(i-n+1))
	}
	return u
}

// seasonTerms are a constant, a slope and the harmonics h weeks after the end of n weeks.
func seasonTerms(h float64, n int) [terms]float64 {
	var x [terms]float64
	x[0], x[1] = 1, h/float64(n)
	for k := range harmonics {
		x[2+2*k], x[3+2*k] = math.Sincos(2 * math.Pi * float64(k+1) * h / year)
	}
	return x
}

// solve solves a x = b for a symmetric positive definite a by elimination, which changes both.
func solve(a *[terms][terms]float64, b *[terms]float64) *[terms]float64 {
	for i := range terms {
		for j := i + 1; j < terms; j++ {
			q := a[j][i] / a[i][i]
			for k := i; k < terms; k++ {
				a[j][k] -= q * a[i][k]
			}
			b[j] -= q * b[i]
		}
	}
	for i := terms - 1; i >= 0; i-- {
		for j := i + 1; j < terms; j++ {
			b[i] -= a[i][j] * b[j]
		}
		b[i] /= a[i][i]
	}
	return b
}
