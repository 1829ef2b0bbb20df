package anomaly

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const (
	fewestPeers = 3    // below which nobody can say who of them is unlike
	quietPeers  = 5e-2 // of the siblings' median size: less apart is alike
	slowPeers   = 1. / 12
	mostPeers   = 5.
)

// Peer is what is remembered of one replica among its siblings. The zero Peer has seen nothing.
type Peer struct {
	Apart float32 // mean deviation from the siblings of late, in their spread
	Seen  bool
}

// PeerScores fills scores with how unlike its siblings each replica is, from the newest values of all of them (NaN:
// missing, scored NaN) and what is remembered of each, which it updates; values, memory and scores have one element a
// replica. buffer is scratch of at least that capacity and may be nil.
//
// A replica's deviation is its distance from the siblings' median in units of their usual distance from it (1.4826
// times the median absolute deviation, the normal law's standard deviation; at least a twentieth of the median, so that
// nearly equal siblings do not quarrel over nothing). The score is the smoothed deviation, about an hour at steps of 5
// minutes, over the one that the most deviant of n normal siblings reaches in about one of a thousand moments, so 1 is
// anomalous. Fewer than three siblings score 0. Scores are finite and at most 5; shift (with the twentieth aside) and
// scale of all values change nothing, nor does their order.
func PeerScores(scores, values []float64, memory []Peer, buffer []float64) {
	sorted := buffer[:0]
	for _, v := range values {
		if v-v == 0 {
			sorted = append(sorted, v)
		}
	}
	n := len(sorted)
	if n < fewestPeers {
		for i, v := range values {
			scores[i] = 0 * v
			if v-v != 0 {
				scores[i] = math.NaN()
			}
		}
		return
	}
	center := numeric.Median(sorted)
	for i, v := range sorted {
		sorted[i] = math.Abs(v/2-center/2) * 2
	}
	spread := max(numeric.MADToDeviation*numeric.Median(sorted), quietPeers*math.Abs(center), math.SmallestNonzeroFloat64)
	// With few siblings the spread itself is uncertain: Student's law in place of the normal one. With n degrees of freedom,
	// not n - 1, since the mean of an hour sees more than one spread: groups of any size are then alike (peers_test.go).
	bar := student(n).Quantile(1 - 1e-3/float64(n))
	for i, v := range values {
		if v-v != 0 {
			scores[i] = math.NaN()
			continue
		}
		d := clip((v/2-center/2)/spread*2, mostPeers*bar)
		m := &memory[i]
		if !m.Seen {
			*m = Peer{Seen: true}
		}
		approach(&m.Apart, d, slowPeers)
		scores[i] = min(math.Abs(float64(m.Apart))/(bar*smoothed), mostPeers)
	}
}

// smoothed is how much of the bar is left for the mean of an hour: deviations of replicas persist, so far less is
// gained than independent ones would give.
const smoothed = .7

// student is the law of a deviation among n siblings.
func student(n int) distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: float64(n)} }
