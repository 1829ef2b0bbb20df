package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPeerScores(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	const replicas, rows, odd = 8, 2000, 5
	memory, values, scores := make([]Peer, replicas), make([]float64, replicas), make([]float64, replicas)
	buffer := make([]float64, 0, replicas)
	false0 := 0
	for i := range rows {
		common := 100 + 50*math.Sin(float64(i)/50)
		for k := range values {
			values[k] = common * (1 + .05*rnd.NormFloat64())
		}
		if i >= rows-24 {
			values[odd] *= 1.8
		}
		PeerScores(scores, values, memory, buffer)
		for k, s := range scores {
			if !(s >= 0 && s <= mostPeers) {
				t.Fatalf("row %d: score %v", i, s)
			}
			if s > 1 && (i < rows-24 || k != odd) {
				false0++
			}
		}
	}
	if scores[odd] <= 1 {
		t.Errorf("the odd one out: got %v, want above 1", scores[odd])
	}
	if share := float64(false0) / (rows * replicas); share > 1e-3 {
		t.Errorf("share of normal replicas above 1: got %v, want at most 0.001", share)
	}
	if n := testing.AllocsPerRun(10, func() { PeerScores(scores, values, memory, buffer) }); n != 0 {
		t.Errorf("allocations: got %v, want 0", n)
	}
}

func TestPeerScoresOfHardGroups(t *testing.T) {
	nan := math.NaN()
	for name, values := range map[string][]float64{
		"none": {}, "one": {1}, "two": {1, 100}, "equal": {3, 3, 3, 3}, "zero": {0, 0, 0}, "missing": {nan, 1, 1, 1},
		"one differs of equal": {0, 0, 0, 7}, "extremes": {math.MaxFloat64, -math.MaxFloat64, 0, 1}, "infinite": {math.Inf(1), 1, 2, 3},
	} {
		scores, memory := make([]float64, len(values)), make([]Peer, len(values))
		for range 30 {
			PeerScores(scores, values, memory, nil)
		}
		for i, s := range scores {
			if missing := values[i]-values[i] != 0; missing != math.IsNaN(s) || !missing && !(s >= 0 && s <= mostPeers) {
				t.Errorf("%s: replica %d: score %v", name, i, s)
			}
		}
		if name == "equal" && scores[0] != 0 {
			t.Errorf("%s: got %v, want 0", name, scores)
		}
		if name == "one differs of equal" && scores[3] <= 1 {
			t.Errorf("%s: got %v, want the last above 1", name, scores)
		}
	}
}

// Published quantiles of Student's law (degrees of freedom 3, 5, 10 and 30).
func TestStudent(t *testing.T) {
	for _, c := range []struct {
		n       int
		p, want float64
	}{{3, .95, 2.353}, {3, .999, 10.215}, {5, .975, 2.571}, {5, .9995, 6.869}, {10, .99, 2.764}, {30, .995, 2.750}} {
		if got := student(c.n).Quantile(c.p); math.Abs(got-c.want) > 5e-4 {
			t.Errorf("quantile %v of %d degrees: got %v, want %v", c.p, c.n, got, c.want)
		}
	}
}

// Siblings that are alike stay below 1 in groups of any size, also where they wander apart for hours, and one of three
// that has died is seen within an hour.
func TestPeersInGroupsOfAnySize(t *testing.T) {
	for _, n := range []int{3, 4, 5, 8, 20} {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		memory, values, scores, at := make([]Peer, n), make([]float64, n), make([]float64, n), make([]float64, n)
		const rows = 20_000
		above := 0
		for range rows {
			for k := range values {
				at[k] = .9*at[k] + math.Sqrt(1-.9*.9)*random.NormFloat64()
				values[k] = 100 + 20*at[k]
			}
			PeerScores(scores, values, memory, nil)
			for _, s := range scores {
				if s > 1 {
					above++
				}
			}
		}
		if share := float64(above) / float64(rows*n); share > 2e-4 {
			t.Errorf("%d siblings: a share of %v is above 1, want at most 0.0002", n, share)
		}
	}
	memory, scores := make([]Peer, 3), make([]float64, 3)
	seen := 0
	for i := range 24 {
		if PeerScores(scores, []float64{100, 101, 0}, memory, nil); scores[2] > 1 && seen == 0 {
			seen = i + 1
		}
	}
	if seen == 0 || seen > 12 || scores[0] > 1 || scores[1] > 1 {
		t.Errorf("one dead of three: seen after %d rows, want 12 at most; scores %v", seen, scores)
	}
}
