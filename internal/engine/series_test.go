package engine

import (
	"math"
	"testing"
)

// A series whose models failed is still seen, so that it is listed as failed and not taken for gone.
func TestFailedSeriesIsStillSeen(t *testing.T) {
	s := &series{failure: "broken", pending: []arrival{{1, 1000, 7}, {1, 2000, 7}, {1, 3000, math.NaN()}}}
	s.learn(math.MaxInt64, limitHistory{})
	if s.lastSeen != 2000 || len(s.pending) != 0 {
		t.Errorf("last seen at %d with %d pending, want 2000 and none", s.lastSeen, len(s.pending))
	}
	s = &series{pending: []arrival{{1, 1000, 7}}} // without a forecaster: learning panics
	s.learn(math.MaxInt64, limitHistory{})
	if s.failure == "" || s.lastSeen != 1000 || len(s.pending) != 0 {
		t.Errorf("failure %q, last seen at %d with %d pending; want a failure, 1000 and none", s.failure, s.lastSeen, len(s.pending))
	}
}
