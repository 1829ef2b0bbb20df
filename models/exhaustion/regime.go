package exhaustion

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// The regime under way: since when the series rises as it does, how fast, and how likely it is that this goes on.
// regime is what rises now. The zero regime says nothing.
type regime struct {
	p      float64 // that it goes on until the limit, but for its own end
	line   line
	age    float64 // buckets
	decay  float64 // endures or young
	gap    float64 // to the limit, from the level of the line or wave
	within float64 // relative error of the time beyond that of the line
}

// present is what is known of the series besides its law, as of a bucket.
type present struct {
	noise  float64 // of a bucket's median
	coarse []line  // through buckets, that are rises under way
	wave   bool
	daily  regime // of the days' rises, where wave; its gap is of a limit of 0
	saw    bool
	peaks  []peak
}

// reach returns when the limit is reached if the regime goes on, in buckets, the relative error of that, and how likely
// it is that it does.
func (g *regime) reach() (mean, spread, p float64) {
	mean = max(g.gap, 0) / g.line.slope
	mean = max(mean, 1e-3)
	far := vague * math.Log1p(mean/g.age)
	spread = math.Sqrt(g.line.err*g.line.err + vague*vague + far*far + g.within*g.within)
	return mean, spread, g.p * math.Pow(g.age/(g.age+mean), g.decay)
}

// lognormal is the probability of at most t where the logarithm has that median and deviation.
func lognormal(t, median, deviation float64) float64 {
	if t <= 0 {
		return 0
	}
	return normal(math.Log(t/median) / deviation)
}

// sharpest returns the line that tells the slope best, and the age of the rise, the length of the longest line that is
// as steep within a third.
func sharpest(lines []line) (best line, age float64, ok bool) {
	if len(lines) == 0 {
		return line{}, 0, false
	}
	best = lines[0]
	for _, l := range lines[1:] {
		if l.penalty() < best.penalty() {
			best = l
		}
	}
	for _, l := range lines {
		if l.slope > best.slope*2/3 && l.slope < best.slope*1.5 {
			age = max(age, l.length)
		}
	}
	return best, age, true
}

// novelty returns how likely a gain over some buckets is a new regime and not one more of the rises before: most is the
// largest of these, history how long they were looked for.
func novelty(gain, length, most, history float64) float64 {
	ratio := gain / most
	if ratio < surprising {
		return 0
	}
	chance := math.Pow(ratio, -tail) / (history/length + 1)
	return newRegime / (newRegime + (1-newRegime)*chance)
}

// largestRise returns the largest rise over n buckets that ended `ago` complete buckets or more before the newest.
func (r *ring) largestRise(n, ago int) float64 {
	most := 0.0
	for k := ago + 1; k+n < r.count; k++ {
		if d := float64(r.highest[index(r.head-int64(k))] - r.median[index(r.head-int64(k+n))]); d > most {
			most = d
		}
	}
	return most
}

// nextPeak is what the known peaks say of the next one: Student's predictive law.
type nextPeak struct {
	n, mean, spread, freedom float64
	trend                    bool
}

// predictPeak returns the law of the next peak. grain is by how much a peak may be missed between two samples.
func predictPeak(peaks []peak, grain, noise float64, now int64) nextPeak {
	n := float64(len(peaks))
	next := nextPeak{freedom: n - 1 + peakPrior, n: n}
	for _, k := range peaks {
		next.mean += float64(k.Top) / n
	}
	squares, depth := 0.0, 0.0
	for _, k := range peaks {
		d := float64(k.Top) - next.mean
		squares += d * d
		depth += float64(k.Top-k.Floor) / n
	}
	unseen := uneven * depth / (n - 1)
	granted := peakPrior * unseen * unseen
	variance := (squares + granted) / next.freedom
	if n >= 5 {
		if at, v, ok := peakTrend(peaks, now); ok {
			next.mean, variance, next.trend = at, (v*(n-2)+granted)/next.freedom, true
		}
	}
	next.spread = max(math.Sqrt(variance*(1+1/n)+noise*noise+grain*grain), 1e-30)
	return next
}

// above returns the probability that the next peak is at least so high.
func (p *nextPeak) above(level float64) float64 {
	return distuv.StudentsT{Mu: p.mean, Sigma: p.spread, Nu: p.freedom}.Survival(level)
}

// goesOn returns how likely it is that a rise that is at a level reaches the limit before it is reset: either what always
// ended such rises does not end this one, which shows by how far the level is beyond the peaks at which it ended, or this
// peak is one that is as high as the limit.
func (p *nextPeak) goesOn(level, limit float64) float64 {
	w := min(renews, 1/((p.n+1)*(p.n+1)))
	here := p.above(level)
	fails := w / (w + (1-w)*here)
	return fails + (1-fails)*min(1, p.above(limit)/max(here, 1e-300))
}

// peakTrend returns what the peaks' line says of now and their variance around it, where they have a clear trend.
func peakTrend(peaks []peak, now int64) (at, variance float64, ok bool) {
	n := float64(len(peaks))
	var sx, sy, sxx, sxy, syy float64
	origin := peaks[0].At
	for _, k := range peaks {
		x, y := float64(k.At-origin), float64(k.Top)
		sx, sy, sxx, sxy, syy = sx+x, sy+y, sxx+x*x, sxy+x*y, syy+y*y
	}
	spread := sxx - sx*sx/n
	if spread <= 0 {
		return 0, 0, false
	}
	slope := (sxy - sx*sy/n) / spread
	rest := max(0, syy-sy*sy/n-slope*slope*spread)
	variance = rest / (n - 2)
	if math.Abs(slope) <= trending*math.Sqrt(variance/spread) {
		return 0, 0, false
	}
	return sy/n + slope*(float64(now-origin)-sx/n), variance, true
}

// known returns the peaks that are ones by the range of now, oldest first, and whether they are those of a saw tooth:
// of rises several times as long as the falls.
func (k *track) known(dst []peak) (peaks []peak, saw bool) {
	peaks = dst[:0]
	for i := max(0, int(k.Tops)-mostPeaks); i < int(k.Tops); i++ {
		p := k.Peaks[i%mostPeaks]
		if p.Top-p.Floor >= k.Threshold {
			peaks = append(peaks, p)
		}
	}
	if len(peaks) < fewPeaks {
		return peaks, false
	}
	var rises, falls [mostPeaks]int64
	for i, p := range peaks {
		falls[i] = p.FloorAt - p.At
		if i > 0 {
			rises[i] = p.At - peaks[i-1].FloorAt
		} else {
			rises[i] = math.MaxInt64
		}
	}
	n := len(peaks)
	slices.Sort(rises[:n])
	slices.Sort(falls[:n])
	return peaks, rises[(n-1)/2] >= fallShare*falls[n/2]
}

// staircase returns when the limit is reached by the steps that are left, and the relative error of that, in ms.
func (k *track) staircase(limit float64, width, now int64) (mean, spread float64, ok bool) {
	seen := int(k.Stepped)
	n := min(seen, mostStairs)
	if n < stairs || k.Stair <= 0 {
		return 0, 0, false
	}
	first, last := k.Steps[(seen-n)%mostStairs], k.Steps[(seen-1)%mostStairs]
	gap := float64(last-first) / float64(n-1)
	if gap*seldom < float64(width) {
		return 0, 0, false
	}
	dev := 0.0
	for i := seen - n + 1; i < seen; i++ {
		d := float64(k.Steps[i%mostStairs]-k.Steps[(i-1)%mostStairs]) - gap
		dev += d * d / float64(n-1)
	}
	dev = math.Sqrt(dev)
	if dev > spaced*gap {
		return 0, 0, false
	}
	left := math.Ceil((limit-float64(k.Plateau))/float64(k.Stair) - 1e-3)
	since := float64(now - last)
	mean = max(left*gap-since, gap/20)
	if since > gap { // overdue: the step may come at any moment, or the pace has changed
		mean = max((left-1)*gap+dev, gap/20)
	}
	deviation := math.Sqrt(left*dev*dev + left*left*dev*dev/float64(n-1))
	return mean, max(vague, deviation/mean), true
}
