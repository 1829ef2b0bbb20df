package forecast

import (
	"math"
	"slices"
)

// Weights of errors by how far off their bucket, their slot and their age are.
var (
	bucketKernel = [...]float64{1, 0.4, 0.15, 0.05}
	slotKernel   = [...]float64{1.1, 0.6, 0.3}
	ageKernel    = [...]float64{1, 0.8145, 0.6634, 0.5404, 0.4401, 0.3585, 0.2920, 0.2378} // 0.95 a day, four days each
)

// conformal is what is known of the errors of the combination: the backtest's, each over a scale, sorted, with where it was
// made, so that an interval is read from those most like it: conformal prediction, local in lead, time of day and level
// (Vovk et al. 2005; Guan 2023).
type conformal struct {
	unit    float64 // of the codes
	scores  []score // ascending
	spread  float64 // mean disagreement
	span    float32 // medium steps that the trials cover
	bucket  [numBuckets]float32
	slot    [numSlots]float32     // relative
	centres [numRanks - 1]float32 // quantiles of the forecasts
}

// score is an error of the backtest: its code, then bucket << 4 | rank of the forecast, then slot << 3 | age.
type score uint32

func (e score) value() float64 { return decodeFloat(uint16(e>>16), 0) }

func (e score) lead() uint8 { return uint8(e >> 8) }

func (e score) slotAndAge() uint8 { return uint8(e) }

// learn takes over the errors of trials, of which a moment has perDay a day.
func (l *conformal) learn(trials []forecastError, keep int, perDay float64, newest int) {
	*l = conformal{scores: slices.Grow(l.scores[:0], min(keep, len(trials)))}
	var all weightedMean
	var bucket [numBuckets]weightedMean
	var slot [numSlots]weightedMean
	usable := make([]*forecastError, 0, len(trials))
	for i := range trials {
		t := &trials[i]
		if math.IsNaN(t.centre) || math.IsNaN(t.y) {
			continue
		}
		usable = append(usable, t)
		l.spread += t.spread
	}
	if len(usable) == 0 {
		return
	}
	l.spread /= float64(len(usable))
	l.span = float32(newest - usable[0].cutoff)
	centres := make([]float64, len(usable))
	for i, t := range usable {
		centres[i] = t.centre
		e := math.Abs(t.y - t.centre)
		all.add(e, 1)
		bucket[t.bucket].add(e, 1)
	}
	slices.Sort(centres)
	for i := range l.centres {
		l.centres[i] = float32(centres[(i+1)*len(centres)/numRanks])
	}
	mean := all.sum / all.weight
	if mean < leastError {
		mean = leastError
	}
	for b := range bucket {
		l.bucket[b] = float32(bucket[b].mean(mean, 10))
	}
	for b := range bucket { // what was never tried is at least as wide as what is nearer
		if bucket[b].weight == 0 && b > 0 {
			l.bucket[b] = l.bucket[b-1] * untried
		}
	}
	for _, t := range usable { // a rare burst does not make an hour noisy
		slot[t.slot].add(min(math.Abs(t.y-t.centre)/float64(l.bucket[t.bucket]), burstAt), 1)
	}
	typical := weightedMean{sum: 1e-12, weight: 1e-12}
	for _, s := range slot {
		typical.sum += s.sum
		typical.weight += s.weight
	}
	for s := range slot {
		l.slot[s] = float32(math.Pow(slot[s].mean(typical.mean(0, 0), 10)/typical.mean(0, 0), slotPower))
	}
	type sample struct {
		u          float64
		lead, when uint8
	}
	stride := float64(len(usable)) / float64(keep)
	kept := make([]sample, 0, keep)
	for at := 0.0; int(at) < len(usable) && len(kept) < keep; at += max(stride, 1) {
		t := usable[int(at)]
		age := min(maxAge, int(float64(newest-t.cutoff)/perDay/2))
		kept = append(kept, sample{
			u:    (t.y - t.centre) / l.errorScale(t.spread, int(t.bucket), int(t.slot)),
			lead: t.bucket<<4 | uint8(l.rank(t.centre)), when: t.slot<<3 | uint8(age/2),
		})
	}
	slices.SortFunc(kept, func(a, b sample) int {
		switch {
		case a.u < b.u:
			return -1
		case a.u > b.u:
			return 1
		}
		return int(a.when) - int(b.when)
	})
	for _, s := range kept {
		l.unit = max(l.unit, math.Abs(s.u))
	}
	for _, s := range kept {
		l.scores = append(l.scores, score(encodeFloat(s.u/max(l.unit, 1e-300), 0))<<16|score(s.lead)<<8|score(s.when))
	}
}

// errorScale is the scale of an error.
func (l *conformal) errorScale(spread float64, bucket, slot int) float64 {
	e := 0.1*l.spread + 1e-12
	return float64(l.bucket[bucket]) * float64(l.slot[slot]) * math.Pow((spread+e)/(l.spread+e), spreadPower)
}

// rank returns where a forecast stands among the backtest's.
func (l *conformal) rank(centre float64) int {
	lo, hi := 0, len(l.centres)
	for lo < hi {
		if mid := (lo + hi) / 2; float64(l.centres[mid]) < centre {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// interval fills lower and upper, one for each ascending level, with the interval around centre; they nest. It returns by
// how much the centre is off to one side for certain: the bias of its errors at that lead, in medium steps.
func (l *conformal) interval(lower, upper []float64, levels []float64, centre, spread float64, lead, bucket, slot int) (shift float64) {
	var weights [keptErrors]float64
	var byLead [256]float64
	var byWhen [256]float64
	var near [numRanks]float64
	rank := l.rank(centre)
	for r := range near {
		d := float64(r-rank) / (numRanks * rankWidth)
		d *= d
		near[r] = 1/(1+d*d) + rankFloor
	}
	for b := range numBuckets {
		w := bucketKernel[min(max(b-bucket, bucket-b), len(bucketKernel)-1)]
		for r, x := range near {
			byLead[b<<4|r] = w * x
		}
	}
	for s := range numSlots {
		d := max(s-slot, slot-s)
		w := slotKernel[min(d, numSlots-d, len(slotKernel)-1)]
		for a, x := range ageKernel {
			byWhen[s<<3|a] = w * x
		}
	}
	total, squares := 0.0, 0.0
	w := weights[:len(l.scores)]
	for i := range w {
		x := byLead[l.scores[i].lead()] * byWhen[l.scores[i].slotAndAge()]
		w[i] = x
		total += x
		squares += x * x
	}
	scale := l.errorScale(spread, bucket, slot) * l.unit
	n := total * total / squares / alike
	lo, hi := centre, centre
	for i, level := range levels {
		if len(w) > 0 {
			lo = min(lo, centre+scale*l.quantile(w, total, ((1-level)/2*(n+1)-0.5)/n))
			hi = max(hi, centre+scale*l.quantile(w, total, ((1+level)/2*(n+1)-0.5)/n))
		}
		lower[i], upper[i] = lo, hi
	}
	// Errors of one lead that overlap are no two: there are as many as disjoint leads fit into what was tried.
	d := biased / (2 * math.Sqrt(min(n, float64(l.span)/float64(lead))))
	if len(w) == 0 {
		return 0
	}
	if l.quantile(w, total, oneSided) > 0 || l.quantile(w, total, 1-oneSided) < 0 { // all but all errors are on one side
		return scale * l.quantile(w, total, 0.5)
	}
	if !(d < 0.5) {
		return 0
	}
	if e := l.quantile(w, total, 0.5-d); e > 0 {
		return scale * e
	}
	return scale * min(0, l.quantile(w, total, 0.5+d))
}

// quantile interpolates the weighted errors between the middles of their weights.
func (l *conformal) quantile(w []float64, total, q float64) float64 {
	if q > 0.5 {
		after, sum := 0.0, 0.0
		for i, x := range slices.Backward(w) {
			middle := sum + x/2
			if middle >= (1-q)*total {
				v := l.scores[i].value()
				if i == len(w)-1 {
					return v
				}
				return v + (middle-(1-q)*total)/(middle-after)*(l.scores[i+1].value()-v)
			}
			after = middle
			sum += x
		}
		return l.scores[0].value()
	}
	before, sum := 0.0, 0.0
	for i := range w {
		middle := sum + w[i]/2
		if middle >= q*total {
			v := l.scores[i].value()
			if i == 0 {
				return v
			}
			return v - (middle-q*total)/(middle-before)*(v-l.scores[i-1].value())
		}
		before = middle
		sum += w[i]
	}
	return l.scores[len(w)-1].value()
}
