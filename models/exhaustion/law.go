package exhaustion

import (
	"math"
	"time"
)

// The law of a rise is a mixture of its past errors, smoothed, and a bell around its mean: the heavier, the fewer
// independent outcomes there are. Two mixtures serve the two meanings: the probability that alerts use, and the
// quantiles given that the limit is reached, which must allow for what was never seen.
// reach gives the probabilities that the gap is reached in the horizon, by both mixtures.
func (u *rise) reach(gap float64) (sharp, heavy float64) {
	spread := float64(u.spread) + negligibleSpread*math.Abs(gap) + 1e-30
	count, z := float64(u.count), (float64(u.mean)-gap)/spread
	width := min(spread, float64(u.at[upper]-u.at[lower])/2+negligibleSpread*spread)
	kernel := 1 / (width * smoothing * math.Pow(1+count, -0.2))
	seen := 0.0
	for _, v := range u.at {
		seen += normal((float64(v) - gap) * kernel)
	}
	seen /= quantiles
	sharp = (count*seen + sharpCount*student(z/sharpSpread)) / (count + sharpCount)
	heavy = (count*seen + heavyCount*cauchy(z/heavySpread)) / (count + heavyCount)
	return sharp, heavy
}

// towards is the law between two horizons, at a share of the way.
func (u *rise) towards(v *rise, share float32) rise {
	w := rise{
		ahead: u.ahead + (v.ahead-u.ahead)*share, count: u.count + (v.count-u.count)*share,
		mean: u.mean + (v.mean-u.mean)*share, spread: u.spread + (v.spread-u.spread)*share,
	}
	for j := range w.at {
		w.at[j] = u.at[j] + (v.at[j]-u.at[j])*share
	}
	return w
}

// normal is the bell's share below z, exact to a billionth.
func normal(z float64) float64 {
	switch {
	case z > 6:
		return 1
	case z < -6:
		return 0
	}
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}

func student(z float64) float64 { return 0.5 + z/(2*math.Sqrt(2+z*z)) } // two degrees of freedom
func cauchy(z float64) float64  { return 0.5 + math.Atan(z)/math.Pi }

// curve is the probability over time, rising, and linear between its points and from 0 at 0.
type curve struct {
	n    int
	t, p [between * len(horizons)]float64
}

func (c *curve) add(t, p float64) {
	if c.n > 0 {
		p = max(p, c.p[c.n-1])
	}
	c.t[c.n], c.p[c.n] = t, p
	c.n++
}

// newest is the probability at the last point.
func (c *curve) newest() float64 {
	if c.n == 0 {
		return 0
	}
	return c.p[c.n-1]
}

// end is how far the curve goes.
func (c *curve) end() float64 {
	if c.n == 0 {
		return 0
	}
	return c.t[c.n-1]
}

// at gives the probability by t.
func (c *curve) at(t float64) float64 {
	t0, p0 := 0.0, 0.0
	for i, t1 := range c.t[:c.n] {
		if t <= t1 {
			return p0 + (c.p[i]-p0)*(t-t0)/(t1-t0)
		}
		t0, p0 = t1, c.p[i]
	}
	return p0
}

// base fills dst with the law of the past, for a limit that lies so far above the level of now.
func (l *law) base(dst *curve, gap float64, width int64, saw bool) {
	unit := float64(width) / 1000
	weight := heavyShare
	if saw {
		weight = 0
	}
	add := func(u *rise) {
		s, h := u.reach(gap)
		dst.add(float64(u.ahead)*unit, (1-weight)*s+weight*h)
	}
	for i := range l.rises[:l.trusted] {
		u := &l.rises[i]
		s, h := u.reach(gap)
		if p := (1-weight)*s + weight*h; i > 0 && p-dst.newest() > steep {
			for k := 1; k < between; k++ {
				v := l.rises[i-1].towards(u, float32(k)/between)
				add(&v)
			}
		}
		add(u)
	}
}

// mixed is the law of the time to the limit, in seconds: that of the past, or the steps of a staircase, and with some
// share the regime under way.
type mixed struct {
	base                 curve
	unit                 float64 // of a bucket
	each, period         float64 // that a peak of a saw tooth reaches the limit, and the time between two; 0: no saw tooth
	stairs, stairsSpread float64 // median and deviation; 0: no staircase
	mean, spread, share  float64 // of the regime
}

// at returns the probability that the limit is reached within t.
func (f *mixed) at(t float64) float64 {
	var p float64
	switch {
	case f.stairs > 0:
		p = lognormal(t, f.stairs, f.stairsSpread)
	case f.period > 0:
		p = min(f.base.at(t), 1-math.Pow(1-f.each, t/f.period))
	default:
		p = f.base.at(t)
	}
	if f.share > 0 {
		p = (1-f.share)*p + f.share*lognormal(t, f.mean, f.spread)
	}
	return p
}

// ahead returns how far the law is known: as far as that of the past looks, or as the steps of a staircase or the teeth
// of a saw tell, which is Reach.
func (f *mixed) ahead() time.Duration {
	if f.stairs > 0 || f.period > 0 {
		return Reach
	}
	return min(Reach, time.Duration(f.base.end()*float64(time.Second)))
}

// when returns the time, up to Reach, by which the probability is p.
func (f *mixed) when(p float64) float64 {
	low, high := 0.0, Reach.Seconds()
	for range 40 {
		if middle := (low + high) / 2; f.at(middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// assess fills dst. All of it is read off the one law.
func (f *mixed) assess(dst *Assessment, within []time.Duration) {
	for i, w := range within {
		dst.Probability[i] = f.at(w.Seconds())
	}
	dst.Ahead = f.ahead()
	ever := f.at(Reach.Seconds())
	for i, p := range Probabilities {
		dst.Seconds[i] = math.Inf(1)
		if ever >= leastLikely {
			dst.Seconds[i] = f.when(p * ever)
		}
	}
}
