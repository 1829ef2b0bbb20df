package anomaly

import "math"

// tail is the law of the largest value of a block: above From in one block of ten, and exponential beyond (peaks over
// threshold, Pickands 1975). It starts as the law of pure noise, which is worth priorBlocks exceedances: a conjugate
// prior, with which the predictive law of an excess is known exactly.
type tail struct {
	From, Mean float32
	Count      float32 // exceedances learnt
	Peak       float32 // of the present block
}

// learn closes block number n.
func (l *tail) learn(n, capacity float64) {
	over, mean, d := float64(l.Peak-l.From), float64(l.Mean), -usualShare
	if over > 0 {
		d = 1 - usualShare
		l.Count = min(l.Count+1, float32(capacity*usualShare))
		// The mean of what is cut at robust means is smaller by that factor.
		cut := min(over, robust*mean) / -math.Expm1(-robust)
		l.Mean += float32((cut - mean) / (float64(l.Count) + priorBlocks))
	}
	l.From += float32(float64(l.Mean) / usualShare / (priorBlocks/usualShare + min(n, capacity)) * d)
	l.From = max(l.From, 0)
	l.Peak = 0
}

// evidence returns the negative log probability that the largest value of a block exceeds v: 0 where v is.
func (l *tail) evidence(v float64) float64 {
	over, mean := v-float64(l.From), float64(l.Mean)
	if over < 0 {
		return -math.Log(usualShare) * v / float64(l.From)
	}
	n := float64(l.Count) + priorBlocks
	return n*math.Log1p(over/(n*mean)) - math.Log(usualShare)
}
