package replay

import (
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// groups count the anomalous series of each group.
type groups struct {
	names []string // labels that make a group; nil: the task has none
	byKey map[string]*group
	len   int
}

type group struct {
	labels            labels.Labels
	scored, anomalous []float64 // series by moment
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
		one = &group{ls, make([]float64, g.len), make([]float64, g.len)}
		g.byKey[ls.String()] = one
	}
	for i, score := range scores {
		if !math.IsNaN(score) {
			one.scored[i]++
			if score > 1 {
				one.anomalous[i]++
			}
		}
	}
}

// export adds the share of anomalous series of each group.
func (g *groups) export(p *Played) {
	for _, one := range g.byKey {
		for i, of := range one.scored {
			one.anomalous[i] /= of // NaN where nothing is scored
		}
		p.exported.add(named(one.labels, board.AnomalousSeriesRatio), present(p.at(p.From), p.Step, one.anomalous))
	}
}
