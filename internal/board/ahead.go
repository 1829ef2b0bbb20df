package board

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// Reach is how far ahead curves are answered for the series of index i: Horizon, or until the limit is reached with a
// probability of 0.9 where that is later, exhaustion.Reach at most.
func (s *Snapshot) Reach(i int) time.Duration {
	p90 := s.Column(TimeToExhaustion, "0.9")
	if i >= len(p90) || math.IsNaN(p90[i]) || math.IsInf(p90[i], 0) {
		return s.Horizon
	}
	seconds := min(p90[i], exhaustion.Reach.Seconds())
	return max(s.Horizon, time.Duration(seconds*float64(time.Second)))
}

// Farthest is the longest Reach that a series of the snapshot may have.
func (s *Snapshot) Farthest() time.Duration {
	if s.Column(TimeToExhaustion, "0.9") == nil {
		return s.Horizon
	}
	return max(s.Horizon, exhaustion.Reach)
}
