package replay

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// groups hold the series of each group.
type groups struct {
	names []string // labels that make a group; nil: the task has none
	byKey map[string]*group
	len   int
}

type group struct {
	labels  labels.Labels
	members []member
}

type member struct {
	series *Series
	scores []float64 // by moment from the first that counts; NaN: not scored
}

func newGroups(p *Played) *groups {
	g := &groups{byKey: map[string]*group{}, len: p.Len - p.From}
	for _, name := range p.Task.GroupBy {
		g.names = append(g.names, board.ExportedLabel(name))
	}
	return g
}

// add counts a series with its anomaly scores by moment, NaN where it has none.
func (g *groups) add(s *Series, scores []float64) {
	if g.names == nil {
		return
	}
	ls := s.Labels.MatchLabels(true, append(g.names, "task")...)
	one := g.byKey[ls.String()]
	if one == nil {
		one = &group{labels: ls}
		g.byKey[ls.String()] = one
	}
	one.members = append(one.members, member{s, scores})
}

// export adds the share of anomalous series of each group and the peer scores of its members.
func (g *groups) export(p *Played) {
	for _, one := range g.byKey {
		slices.SortFunc(one.members, func(a, b member) int { return labels.Compare(a.series.Labels, b.series.Labels) })
		n := len(one.members)
		shares, said := missing(g.len), make([][]float64, n)
		for k := range said {
			said[k] = missing(g.len)
		}
		peers, values, scores := make([]models.Peer, n), make([]float64, n), make([]float64, n)
		for i := range g.len {
			scored, anomalous := 0, 0
			for k, m := range one.members {
				values[k] = math.NaN()
				if score := m.scores[i]; !math.IsNaN(score) {
					values[k] = m.series.Values[p.From+i]
					scored++
					if score > 1 {
						anomalous++
					}
				}
			}
			if scored == 0 {
				continue
			}
			shares[i] = float64(anomalous) / float64(scored)
			models.PeerScores(scores, values, peers, nil)
			for k := range said {
				said[k][i] = scores[k]
			}
		}
		p.exported.add(named(one.labels, board.AnomalousSeriesRatio), present(p.at(p.From), p.Step, shares))
		for k, m := range one.members {
			p.exported.add(named(m.series.Labels, board.PeerScore), present(p.at(p.From), p.Step, said[k]))
		}
	}
}
