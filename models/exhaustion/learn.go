package exhaustion

import (
	"math"
	"slices"
)

// horizons are how far ahead, in buckets, outcomes are looked at; those past the first beyond Reach are left out.
var horizons = [...]int{1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 132, 168, 240, 336, 480, 672, 1008, 1344}

// rise is the law of the highest of the next so many buckets above the level of now.
type rise struct {
	ahead  float32 // buckets
	count  float32 // of independent outcomes that it was learnt from, about
	mean   float32
	spread float32            // standard deviation
	at     [quantiles]float32 // equally likely, ascending
}

// law is the rises for all horizons, as of a bucket.
type law struct {
	end     int64
	trend   trend
	level   float64 // from which the rises are counted
	count   int     // rises; 0: too little was seen
	trusted int     // of them, those that probabilities are given for
	rises   [len(horizons)]rise
}

// origin is a bucket from which rises are looked at, the newest first, with what was predicted there.
type origin struct {
	bucket      int
	weight      float64 // by age
	predictions [predictors]predictor
}

// outcome is a past rise, and then the error of its prediction, with its weight.
type outcome struct {
	origin        int
	value, weight float64
}

// learn takes the path up to the bucket end of a series that is known for so many buckets.
func (l *law) learn(p *path, r *ring, end int64, age float64) {
	l.end, l.count, l.trusted = end, 0, 0
	l.trend = p.trend
	if p.n < enough || math.IsNaN(p.level[p.n-1]) {
		return
	}
	l.level = p.level[p.n-1]
	var origins [size/everyNth + 1]origin
	count := 0
	for i := p.n - 1; i >= leastDrift-1; i -= everyNth {
		origins[count].bucket = i
		origins[count].weight = math.Exp2(float64(i-p.n) / halfLife)
		p.predictions(&origins[count].predictions, i)
		count++
	}
	var highest [size]float64
	var outcomes [size/everyNth + 1]outcome
	wanted := within(r.width)
	for _, h := range wanted {
		if float64(h) > learnable*float64(p.n) {
			break
		}
		maxima(highest[:p.n], p.peak[:p.n], h)
		past := p.outcomes(outcomes[:0], origins[:count], highest[:p.n], h)
		if len(past) < fewest {
			break
		}
		l.rises[l.count] = rising(p.trend, past, origins[:count], h)
		if l.count > 0 {
			l.rises[l.count].spread = max(l.rises[l.count].spread, l.rises[l.count-1].spread)
		}
		l.count++
		if float64(h) <= trusted*max(age, float64(p.n)) {
			l.trusted = l.count
		}
	}
	l.extrapolate(wanted, p.n)
}

// within are the horizons up to Reach, for buckets so wide.
func within(width int64) []int {
	far := int(Reach.Milliseconds() / width)
	for i, h := range horizons {
		if h >= far {
			return horizons[:i+1]
		}
	}
	return horizons[:]
}

// spacing is how many buckets lie between two origins for the horizon h.
func spacing(h int) int { return everyNth * max(1, h/(12*everyNth)) }

// outcomes appends what the rise over h buckets was.
func (p *path) outcomes(dst []outcome, origins []origin, highest []float64, h int) []outcome {
	younger := math.Exp2(float64(h) / halfLife) // an outcome is as old as its end
	for j := (h + everyNth - 1) / everyNth; j < len(origins); j += spacing(h) / everyNth {
		i := origins[j].bucket
		v := highest[i+h] - p.level[i]
		if math.IsNaN(v) || math.IsNaN(p.peak[i]) || math.IsNaN(p.peak[i+h]) {
			continue
		}
		dst = append(dst, outcome{j, v, origins[j].weight * younger})
	}
	return dst
}

// rising is the law of the rise over h buckets from now: what the mixture of the predictions says, with the errors that
// it would have made.
func rising(c trend, past []outcome, origins []origin, h int) rise {
	var squares [predictors]float64
	total, ahead := 0.0, float64(h)
	for _, o := range past {
		for k := range squares {
			e := o.value - origins[o.origin].predictions[k].rise(ahead)
			squares[k] += o.weight * e * e
		}
		total += o.weight
	}
	var mix mixture
	mix.weigh(c, &squares)
	var first, second float64
	for j := range past {
		o := &past[j]
		o.value -= mix.rise(&origins[o.origin].predictions, ahead)
		first += o.weight * o.value
		second += o.weight * o.value * o.value
	}
	first /= total
	centre := mix.rise(&origins[0].predictions, ahead)
	u := rise{
		ahead: float32(h), mean: float32(centre + first),
		spread: float32(math.Sqrt(max(0, second/total-first*first))),
		count:  float32(total * min(1, float64(spacing(h))/ahead)),
	}
	slices.SortFunc(past, byValue)
	j, below := 0, 0.0
	for _, o := range past {
		below += o.weight
		for j < quantiles && below >= (float64(j)+0.5)/quantiles*total*(1-1e-9) {
			u.at[j] = float32(centre + o.value)
			j++
		}
	}
	return u
}

func byValue(a, b outcome) int {
	if a.value < b.value {
		return -1
	}
	if a.value > b.value {
		return 1
	}
	return 0
}

// extrapolate continues the law past the longest horizon that was learnt.
func (l *law) extrapolate(wanted []int, n int) {
	if l.count == 0 {
		return
	}
	from := l.rises[l.count-1]
	for _, h := range wanted[l.count:] {
		if h > reachable*n {
			return
		}
		times := float32(h) / from.ahead
		wider := float32(math.Pow(float64(times), spreadRoot))
		u := rise{ahead: float32(h), count: from.count / times, mean: from.mean * times, spread: from.spread * wider}
		for j, v := range from.at {
			u.at[j] = u.mean + (v-from.mean)*wider
		}
		l.rises[l.count] = u
		l.count++
	}
}
