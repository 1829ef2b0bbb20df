package fleet

import (
	"math"
	"testing"

	"github.com/foresight-exporter/foresight/internal/identity"
)

// A series whose models failed is still seen, so that it is listed as failed and not taken for gone.
func TestFailedSeriesIsStillSeen(t *testing.T) {
	s := &Series{Failure: "broken", Pending: []identity.Sample{{Member: 1, T: 1000, V: 7}, {Member: 1, T: 2000, V: 7}, {Member: 1, T: 3000, V: math.NaN()}}}
	s.Learn(math.MaxInt64)
	if s.LastSeen != 2000 || len(s.Pending) != 0 {
		t.Errorf("last seen at %d with %d pending, want 2000 and none", s.LastSeen, len(s.Pending))
	}
	s = &Series{Pending: []identity.Sample{{Member: 1, T: 1000, V: 7}}} // without a forecaster: learning panics
	s.Learn(math.MaxInt64)
	if s.Failure == "" || s.LastSeen != 1000 || len(s.Pending) != 0 {
		t.Errorf("failure %q, last seen at %d with %d pending; want a failure, 1000 and none", s.Failure, s.LastSeen, len(s.Pending))
	}
}
