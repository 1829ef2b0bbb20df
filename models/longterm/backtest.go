package longterm

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	mostOrigins  = 26  // of the backtest that weights and widths come from
	mostJudged   = 13  // of the one that quality comes from, each with a fit of its own
	leastEvery   = 4   // weeks from one origin to the next
	sameYear     = 0.6 // correlation of two years' courses from which on they are a season
	leastFreedom = 3   // degrees of freedom of an interval, at most mostFreedom
	mostFreedom  = 30
)

// unit is what errors are measured in: the level of positive series, else 1.
func (s *state) unit() float64 {
	if s.Positive && s.Level > 0 {
		return s.Level
	}
	return 1
}

// learn fits weeks y: at least leastWeeks of them.
func learn(y []float64) fit {
	f := fit{Done: true}
	seasonal, off := hasSeason(y)
	f.Seasonal = seasonal
	f.State = learnState(y, seasonal)
	u := y // without the season
	if seasonal {
		var s state
		s.Positive = f.State.Positive
		u = s.takeSeason(y)
	}
	n := len(y)
	every := max(leastEvery, (n-minWeeks)/mostOrigins)
	type trial struct {
		f    [numMembers]float64
		y    float64
		unit float64
	}
	var trials [len(leads)][]trial
	for o := n - leads[0]; o >= minWeeks; o -= every {
		s := learnState(u[:o], false)
		past := learnState(y[:o], false) // a year ago has its own season
		for l, h := range leads {
			if o+h > n {
				break
			}
			t := trial{y: u[o+h-1], unit: s.unit()}
			s.forecast(&t.f, float64(h))
			var own [numMembers]float64
			past.forecast(&own, float64(h))
			t.f[yearAgo] = own[yearAgo] - (y[o+h-1] - u[o+h-1])
			if f.State.Positive {
				t.f[yearAgo] = own[yearAgo] * u[o+h-1] / y[o+h-1]
			}
			trials[l] = append(trials[l], t)
		}
	}
	for l, h := range leads {
		if len(trials[l]) == 0 { // nothing came true yet: as the lead before, and wider
			f.Weights[l], f.Freedom[l] = f.Weights[l-1], f.Freedom[l-1]
			f.Spread[l] = f.Spread[l-1] * float64(h) / float64(leads[l-1])
			continue
		}
		var sum, base [numMembers]float64 // squares of a member's errors, and of the flat one's at the same origins
		for _, t := range trials[l] {
			for m, v := range t.f {
				if v == v {
					sum[m] += square((v - t.y) / t.unit)
					base[m] += square((t.f[flat] - t.y) / t.unit)
				}
			}
		}
		for m := range sum {
			if base[m] > 0 {
				f.Weights[l][m] = 1 / (sum[m]/base[m] + 1e-6)
			}
		}
		total := 0.0
		for _, t := range trials[l] {
			total += square((weighted(&t.f, &f.Weights[l]) - t.y) / t.unit)
		}
		f.Spread[l] = math.Sqrt(total/float64(len(trials[l])) + square(off/f.State.unit()))
		if l > 0 {
			f.Spread[l] = max(f.Spread[l], f.Spread[l-1])
		}
		f.Freedom[l] = max(leastFreedom, min(float64(n-minWeeks)/float64(h), mostFreedom))
	}
	return f
}

func square(x float64) float64 { return x * x }

// weighted is the mean of what the members say that can tell.
func weighted(f, w *[numMembers]float64) float64 {
	sum, total := 0.0, 0.0
	for m, v := range f {
		if v == v && w[m] > 0 {
			sum += w[m] * v
			total += w[m]
		}
	}
	if total == 0 {
		return f[flat]
	}
	return sum / total
}

// between gives where h weeks lie among the leads: at share of the way from lead i to the next.
func between(h float64) (i int, share float64) {
	for i = len(leads) - 2; i > 0 && h < float64(leads[i]); i-- {
	}
	share = (h - float64(leads[i])) / float64(leads[i+1]-leads[i])
	return i, max(0, share)
}

// at gives the mean of the week h after the end.
func (f *fit) at(h float64) float64 {
	var said [numMembers]float64
	f.State.forecast(&said, h)
	i, share := between(h)
	share = min(share, 1)
	return weighted(&said, &f.Weights[i])*(1-share) + weighted(&said, &f.Weights[i+1])*share
}

// Widths are half the widths of the intervals at one level, at the leads.
type Widths [len(leads)]float64

func (f *fit) widths(level float64) (w Widths) {
	for l, spread := range f.Spread {
		w[l] = spread * f.State.unit() * distuv.StudentsT{Sigma: 1, Nu: max(f.Freedom[l], leastFreedom)}.Quantile((1+level)/2)
	}
	return w
}

// at gives half the width h weeks after the end; beyond the last lead it goes on growing.
func (w *Widths) at(h float64) float64 {
	i, share := between(h)
	return max(0, w[i]+share*(w[i+1]-w[i]))
}

// hasSeason reports whether the last year's course is like that of the year before, and how far off they are, in
// units of the series, for the mean of both.
func hasSeason(y []float64) (is bool, off float64) {
	if len(y) < seasonFrom {
		return false, 0
	}
	n := min(yearWeeks, len(y)-yearWeeks)
	last, before := straightened(y[len(y)-n:]), straightened(y[len(y)-yearWeeks-n:len(y)-yearWeeks])
	both, a, b, d := 0.0, 0.0, 0.0, 0.0
	for i := range last {
		both += last[i] * before[i]
		a += last[i] * last[i]
		b += before[i] * before[i]
		d += square(last[i] - before[i])
	}
	if !(both > sameYear*math.Sqrt(a*b)) {
		return false, 0
	}
	return true, math.Sqrt(d/float64(n)) / 2
}

// straightened gives what is left of y when its line of least squares is taken off.
func straightened(y []float64) []float64 {
	n := float64(len(y))
	sy, sxy, sxx := 0.0, 0.0, 0.0
	for i, v := range y {
		x := float64(i) - (n-1)/2
		sy += v
		sxy += x * v
		sxx += x * x
	}
	r := make([]float64, len(y))
	for i, v := range y {
		r[i] = v - sy/n - sxy/sxx*(float64(i)-(n-1)/2)
	}
	return r
}

// judge measures how fits at past origins, made from what was there then, forecast what came.
func (f *fit) judge(y []float64, level float64) {
	n := len(y)
	var inside, off, naive [len(leads)]float64
	for o := n - leads[0]; o >= leastWeeks; o -= max(leastEvery, (n-leastWeeks)/mostJudged) {
		then := learn(y[:o])
		widths := then.widths(level)
		for l, h := range leads {
			if o+h > n {
				break
			}
			came := y[o+h-1]
			mean, half := then.at(float64(h)), widths.at(float64(h))
			f.Quality[l].Origins++
			if math.Abs(came-mean) <= half {
				inside[l]++
			}
			off[l] += math.Abs(came - mean)
			naive[l] += math.Abs(came - y[o-1])
		}
	}
	for l := range leads {
		q := &f.Quality[l]
		if q.Origins == 0 {
			q.Coverage, q.Skill = math.NaN(), math.NaN()
			continue
		}
		q.Coverage = inside[l] / float64(q.Origins)
		if q.Skill = math.NaN(); naive[l] > 0 {
			q.Skill = 1 - off[l]/naive[l]
		}
	}
}

// Widths returns half the widths of intervals at a level, for Forecast.
func (m *Model) Widths(level float64) Widths { return m.fit.widths(level) }

// Forecast returns the mean of the week around a day, ahead days after the newest, and half the width of its interval;
// NaN before there are forecasts.
func (m *Model) Forecast(ahead float64, w *Widths) (mean, half float64) {
	if !m.fit.Done {
		return math.NaN(), math.NaN()
	}
	h := (ahead + float64(m.since) + week/2) / week // weeks since the last that was learnt
	return m.fit.at(h), w.at(h)
}

// QualityAt tells how forecasts that many days ahead did; Origins is 0 where none has come true yet.
func (m *Model) QualityAt(ahead float64) Quality {
	none := Quality{Coverage: math.NaN(), Skill: math.NaN()}
	if !m.fit.Done {
		return none
	}
	i, share := between(ahead / week)
	if share > 0.5 {
		i++
	}
	if q := m.fit.Quality[i]; q.Origins > 0 && ahead/week < 1.5*float64(leads[i]) {
		return q
	}
	return none
}
