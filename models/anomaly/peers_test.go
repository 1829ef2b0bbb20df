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
