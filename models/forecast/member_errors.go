package forecast

import (
	"math"
	"slices"
)

// buckets group leads: up to so many coarse steps ahead.
var buckets = [...]float64{0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 96, math.MaxFloat64}

const (
	numBuckets = len(buckets)
)

func bucketOf(lead, k int) int {
	h := float64(lead) / float64(k)
	b := 0
	for h > buckets[b] {
		b++
	}
	return b
}

// weightedMean is a weighted mean.
type weightedMean struct{ sum, weight float64 }

func (t *weightedMean) add(e, w float64) {
	t.sum += w * e
	t.weight += w
}

// mean returns the mean shrunk to another as if that had been seen with a weight.
func (t *weightedMean) mean(other, weight float64) float64 {
	return (t.sum + other*weight) / (t.weight + weight)
}

// scores are the absolute errors of each member: over all, by bucket and by slot.
type scores struct {
	n      int
	all    [maxPool]weightedMean
	bucket [numBuckets][maxPool]weightedMean
	slot   [numSlots][maxPool]weightedMean
}

// add takes in the forecasts f of one moment that then had the value y.
func (s *scores) add(f []float64, y float64, bucket, slot int, w float64) {
	for i, v := range f {
		if e := math.Abs(v - y); e == e {
			s.all[i].add(e, w)
			s.bucket[bucket][i].add(e, w)
			s.slot[slot][i].add(e, w)
		}
	}
}

// memberErrors is what weights are read from: of each member the mean error over all, in the near buckets and in each slot,
// relative to the largest.
type memberErrors struct {
	members int
	unit    float32  // the largest
	codes   []uint16 // rows of n
}

const errorRows = 1 + nearLead + 1 + numSlots + numBuckets - farLead

// memberErrors distils the scores.
func (s *scores) memberErrors(codes []uint16) memberErrors {
	t := memberErrors{members: s.n, codes: slices.Grow(codes[:0], errorRows*s.n)}
	var rows [errorRows][maxPool]float64
	largest := 0.0
	for i := range s.n {
		g := math.NaN()
		if a := s.all[i]; a.weight > 0 {
			g = a.sum / a.weight
		}
		rows[0][i] = g
		for b := 0; b <= nearLead; b++ {
			rows[1+b][i] = s.bucket[b][i].mean(g, priorWeight) + nearPrior*g
		}
		for b := farLead; b < numBuckets; b++ {
			rows[2+nearLead+numSlots+b-farLead][i] = s.bucket[b][i].mean(g, priorWeight) + nearPrior*g
		}
		for j := range numSlots {
			rows[2+nearLead+j][i] = s.slot[j][i].mean(g, priorWeight) + slotPrior*g
		}
		for r := range rows {
			if e := rows[r][i]; e == e {
				largest = max(largest, e)
			}
		}
	}
	t.unit = float32(largest)
	for r := range rows {
		for _, e := range rows[r][:s.n] {
			if e != e {
				t.codes = append(t.codes, codeNaN)
			} else {
				t.codes = append(t.codes, encodeFloat(e/max(largest, 1e-300), 0))
			}
		}
	}
	return t
}

// weigh returns the members' weights at a bucket and a slot; they do not sum to 1.
func (t *memberErrors) weigh(w []float64, bucket, slot int) {
	x, y := t.row(0), t.row(2+nearLead+slot)
	switch {
	case bucket <= nearLead:
		x = t.row(1 + bucket)
		y = x
	case bucket >= farLead:
		x = t.row(2 + nearLead + numSlots + bucket - farLead)
	}
	best := math.Inf(1)
	for i := range w {
		w[i] = math.Inf(1)
		if x[i] != codeNaN && y[i] != codeNaN {
			w[i] = decodeFloat(x[i], 0) * decodeFloat(y[i], 0)
			best = min(best, w[i])
		}
	}
	inverseSquares(w, best)
}

// nearestLead returns the usual error of member i at the nearest leads; NaN where that is not known.
func (t *memberErrors) nearestLead(i int) float64 {
	c := t.row(1)[i]
	if c == codeNaN {
		return math.NaN()
	}
	return decodeFloat(c, 0) * float64(t.unit)
}

func (t *memberErrors) row(r int) []uint16 { return t.codes[r*t.members : (r+1)*t.members] }

// inverseSquares turns products of two errors, the smallest of them best, into weights: their inverse squares.
func inverseSquares(w []float64, best float64) {
	for i, v := range w {
		if r := (best + 1e-30) / (v + 1e-30); r > 0 {
			w[i] = r * r
		} else {
			w[i] = 0
		}
	}
}

// weigh is [table.weigh] before that is made.
func (s *scores) weigh(w []float64, bucket, slot int) {
	best := math.Inf(1)
	for i := range w {
		t := &s.all[i]
		if t.weight == 0 {
			w[i] = math.Inf(1)
			continue
		}
		g := t.sum / t.weight
		x := g
		y := s.slot[slot][i].mean(g, priorWeight) + slotPrior*g
		switch b := s.bucket[bucket][i].mean(g, priorWeight) + nearPrior*g; {
		case bucket <= nearLead:
			x, y = b, b
		case bucket >= farLead:
			x = b
		}
		w[i] = x * y
		best = min(best, w[i])
	}
	inverseSquares(w, best)
}
