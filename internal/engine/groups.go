package engine

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// groupRows gives the share of anomalous series of each group, among those that are scored.
func (t *task) groupRows(listed []*series, samples []sample) []board.Row {
	if t.layout.peer < 0 {
		return nil
	}
	var rows []board.Row
	for _, g := range t.groups(listed, samples) {
		anomalous := 0
		for _, i := range g.members {
			if samples[i].score.Value > 1 {
				anomalous++
			}
		}
		rows = append(rows, board.Row{Metric: board.AnomalousSeriesRatio, Labels: g.labels, Value: float64(anomalous) / float64(len(g.members))})
	}
	return rows
}

type group struct {
	labels  labels.Labels // those of group_by, with task
	members []int         // indices of the listed series
}

// groups gives the groups of the series that are scored, by labels.
func (t *task) groups(listed []*series, samples []sample) []group {
	var groups []group
	index := map[string]int{}
	var buf []byte
	for i, s := range listed {
		if !samples[i].scored {
			continue
		}
		buf = s.labels.BytesWithLabels(buf, t.groupBy...)
		n, ok := index[string(buf)]
		if !ok {
			n = len(groups)
			index[string(buf)] = n
			groups = append(groups, group{labels: s.labels.MatchLabels(true, t.groupBy...)})
		}
		groups[n].members = append(groups[n].members, i)
	}
	slices.SortFunc(groups, func(a, b group) int { return labels.Compare(a.labels, b.labels) })
	return groups
}

// qualityRows gives the quality of the task's forecasts by horizon: the mean coverage of its series, the share of
// those whose coverage is off, and the median skill.
func (t *task) qualityRows(samples []sample) []board.Row {
	var rows []board.Row
	for h, horizon := range t.layout.horizonLabels {
		ls := labels.FromStrings("horizon", horizon, "task", t.config.Name)
		var covered, skills []float64
		off := 0
		for _, m := range samples {
			if m.quality == nil {
				continue
			}
			if c := m.quality[h].Coverage; !math.IsNaN(c) {
				covered = append(covered, c)
				if math.Abs(c-t.config.Level) > coverageTolerance {
					off++
				}
			}
			if s := m.quality[h].Skill; !math.IsNaN(s) {
				skills = append(skills, s)
			}
		}
		if n := float64(len(covered)); n > 0 {
			rows = append(rows, board.Row{Metric: board.TaskCoverage, Labels: ls, Value: sum(covered) / n},
				board.Row{Metric: board.TaskCoverageOff, Labels: ls, Value: float64(off) / n})
		}
		if len(skills) > 0 {
			slices.Sort(skills)
			rows = append(rows, board.Row{Metric: board.TaskSkill, Labels: ls, Value: skills[len(skills)/2]})
		}
	}
	return rows
}

// coverageTolerance is how far a series' measured coverage may be from the task's level before it counts as off.
const coverageTolerance = 0.1

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// sayPeers sets the peer score of each series: how unlike its siblings of the group it is. What is remembered of a
// series moves on once an origin.
func (t *task) sayPeers(listed []*series, samples []sample, scores []float64) {
	if t.origin > t.peersOf {
		t.peersOf = t.origin
		for _, g := range t.groups(listed, samples) {
			n := len(g.members)
			values, peers, said := make([]float64, n), make([]models.Peer, n), make([]float64, n)
			for k, i := range g.members {
				values[k], peers[k] = math.NaN(), listed[i].peer
				if listed[i].lastSeen >= t.origin {
					values[k] = listed[i].observed
				}
			}
			models.PeerScores(said, values, peers, nil)
			for k, i := range g.members {
				listed[i].peer, listed[i].peerScore = peers[k], said[k]
			}
		}
	}
	for i, s := range listed {
		scores[i] = math.NaN()
		if samples[i].scored {
			scores[i] = s.peerScore
		}
	}
}
