package engine

import (
	"math"

	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/models"
)

// comparePeers moves on, once an origin, what is remembered of each series among its siblings, and scores it.
func (t *task) comparePeers(listed []*fleet.Series) {
	if len(t.groupBy) < 2 || t.origin <= t.peersOf {
		return
	}
	t.peersOf = t.origin
	groups := map[string][]*fleet.Series{}
	var buf []byte
	for _, s := range listed {
		s.PeerScore = math.NaN()
		if fleet.Scored(s.State(t.origin, t.staleAfter().Milliseconds())) {
			buf = s.Labels.BytesWithLabels(buf, t.groupBy...)
			groups[string(buf)] = append(groups[string(buf)], s)
		}
	}
	for _, members := range groups {
		n := len(members)
		values, peers, scores := make([]float64, n), make([]models.Peer, n), make([]float64, n)
		for k, s := range members {
			values[k], peers[k] = math.NaN(), s.Peer
			if s.LastSeen >= t.origin {
				values[k] = s.Observed
			}
		}
		models.PeerScores(scores, values, peers, nil)
		for k, s := range members {
			s.Peer, s.PeerScore = peers[k], scores[k]
		}
	}
}
