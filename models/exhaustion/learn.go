package exhaustion

import (
	"cmp"
	"math"
	"slices"
)

const (
	enough     = 12   // buckets from the first to the newest, before which nothing is said
	quantiles  = 15   // of the past errors that are kept for each horizon
	halfLife   = 336  // buckets after which an outcome counts half
	learnable  = 0.6  // of the history: longest horizon that outcomes are taken for
	reachable  = 4    // histories: longest horizon that the law is drawn out to
	fewest     = 3    // outcomes that a horizon is learnt from
	everyNth   = 3    // bucket that is an origin, or every twelfth of the horizon
	spreadRoot = 0.75 // power by which the spread grows where the law is drawn out
)

// horizons are how far ahead, in buckets, outcomes are looked at.
var horizons = [...]int{1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 132, 168, 240, 336}

// rise is the law of the highest of the next so many buckets above the level of now.
type rise struct {
	ahead  float32 // buckets
	count  float32 // of independent outcomes that it was learnt from, about
	mean   float32
	spread float32            // standard deviation
	at     [quantiles]float32 // equally likely, ascending
}

const never = math.MinInt64 // end of a law that was not learnt

// law is the rises for all horizons, as of a bucket.
type law struct {
	end   int64
	class class
	count int // rises; 0: too little was seen
	rises [len(horizons)]rise
}

// outcome is a past rise, or the error of its prediction, with its weight.
type outcome struct {
	origin        int
	value, weight float64
}

// learn reads the ring up to the bucket end.
func (l *law) learn(r *ring, end int64) {
	l.end, l.count = end, 0
	var p path
	p.fill(r, end)
	l.class = p.class
	n := len(p.level)
	if n < enough || math.IsNaN(p.level[n-1]) {
		return
	}
	var highest [size]float64
	var outcomes [size/everyNth + 1]outcome
	for _, h := range horizons {
		if float64(h) > learnable*float64(n) {
			break
		}
		maxima(highest[:n], p.peak, h)
		past := p.outcomes(outcomes[:0], highest[:n], h)
		if len(past) < fewest {
			break
		}
		l.rises[l.count] = p.rise(past, h)
		if l.count > 0 {
			l.rises[l.count].spread = max(l.rises[l.count].spread, l.rises[l.count-1].spread)
		}
		l.count++
	}
	l.drawOut(n)
}

// outcomes appends what the rise over h buckets was, from every few origins on.
func (p *path) outcomes(dst []outcome, highest []float64, h int) []outcome {
	n := len(p.level)
	first := n - 1 - h
	for i := first; i >= min(leastDrift, n/4); i -= max(everyNth, h/12) {
		v := highest[i+h] - p.level[i]
		if v != v || math.IsNaN(p.level[i+h]) {
			continue
		}
		dst = append(dst, outcome{i, v, math.Exp2(float64(i-first) / halfLife)})
	}
	return dst
}

// rise is the law of the rise over h buckets from the newest: what the mixture of the candidates says, with the errors
// that it would have made.
func (p *path) rise(past []outcome, h int) rise {
	var squares, c [experts]float64
	total, ahead := 0.0, float64(h)
	for _, o := range past {
		p.candidates(&c, o.origin, ahead)
		for k, v := range c {
			squares[k] += o.weight * (o.value - v) * (o.value - v)
		}
		total += o.weight
	}
	var mix mixture
	mix.weigh(p.class, &squares)
	var first, second float64
	for j := range past {
		o := &past[j]
		p.candidates(&c, o.origin, ahead)
		o.value -= mix.mean(&c)
		first += o.weight * o.value
		second += o.weight * o.value * o.value
	}
	first /= total
	p.candidates(&c, len(p.level)-1, ahead)
	centre := mix.mean(&c)
	u := rise{
		ahead: float32(h), mean: float32(centre + first),
		spread: float32(math.Sqrt(max(0, second/total-first*first))),
		count:  float32(total * min(1, float64(max(everyNth, h/12))/ahead)),
	}
	slices.SortFunc(past, func(a, b outcome) int { return cmp.Compare(a.value, b.value) })
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

// drawOut continues the law past the longest horizon that was learnt.
func (l *law) drawOut(n int) {
	if l.count == 0 {
		return
	}
	from := l.rises[l.count-1]
	for _, h := range horizons[l.count:] {
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
