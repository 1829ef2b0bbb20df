package anomaly

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// usual is the logarithm of what a statistic's largest value of a block exceeds in one block of ten, found by stochastic
// approximation (Robbins and Monro 1951): it counts that a block was larger, never by how much. It starts as in white
// noise, and is never less than there.
type usual struct{ Most, Peak float32 }

// learn closes block number n.
func (u *usual) learn(n, capacity, least float64) {
	d := -usualShare
	if u.Peak > 0 && math.Log(float64(u.Peak)) > float64(u.Most) {
		d = 1 - usualShare
	}
	u.Most += float32(math.Ln2 / math.Ln10 / usualShare / min(n, capacity) * d)
	u.Most = max(u.Most, float32(least))
	u.Peak = 0
}

const (
	slots   = 24 // of a day
	spanned = knownDays*slots + 2
)

// known remembers the largest of each statistic by hour, so that a job that runs every night is usual on the third.
// Hours are counted from 1970.
type known struct{ Most [spanned][statistics]uint8 }

// advance moves on from hour was to hour at.
func (k *known) advance(was, at int64) {
	for b := max(was+1, at-spanned+1); b <= at; b++ {
		k.Most[numeric.Modulo(b, spanned)] = [statistics]uint8{}
	}
}

// learn takes in what a statistic is in hour at, as ten times its logarithm and 60.
func (k *known) learn(at int64, x *[statistics]float64) {
	most := &k.Most[numeric.Modulo(at, spanned)]
	for i, v := range x {
		if v > 0 {
			most[i] = max(most[i], uint8(max(1, min(math.Round(10*math.Log(v)+60), math.MaxUint8))))
		}
	}
}

// recall fills in the logarithm of what each statistic reached at this hour, give or take one, on two of the days
// before.
func (k *known) recall(at int64, dst *[statistics]float32) {
	for i := range dst {
		var first, second uint8
		for d := int64(1); d <= knownDays; d++ {
			var most uint8
			for b := at - d*slots - 1; b <= at-d*slots+1; b++ {
				most = max(most, k.Most[numeric.Modulo(b, spanned)][i])
			}
			first, second = max(first, most), max(second, min(first, most))
		}
		if dst[i] = float32(math.Inf(-1)); second > 0 {
			dst[i] = float32(second)/10 - 6
		}
	}
	// A job that comes early or late is also missed where it was expected.
	either := max(dst[statAbove], dst[statBelow])
	dst[statAbove], dst[statBelow] = either, either
}
