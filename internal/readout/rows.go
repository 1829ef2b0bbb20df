package readout

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// coverageTolerance is how far a series' measured coverage may be from the task's level before it counts as off.
const coverageTolerance = 0.1

// appendRatios appends the share of anomalous series of each group, among those that are scored, by labels.
func (r *Readout) appendRatios(rows []board.Row, s *board.Snapshot) []board.Row {
	type group struct {
		labels            labels.Labels
		scored, anomalous int
	}
	var groups []group
	index := map[string]int{}
	var buf []byte
	observed := s.Column(board.AnomalyScore, "")
	for i := range s.Series {
		if math.IsNaN(observed[i]) {
			continue
		}
		ls := s.Series[i].Labels
		buf = ls.BytesWithLabels(buf, r.groupBy...)
		n, ok := index[string(buf)]
		if !ok {
			n = len(groups)
			index[string(buf)] = n
			groups = append(groups, group{labels: ls.MatchLabels(true, r.groupBy...)})
		}
		groups[n].scored++
		if observed[i] > 1 {
			groups[n].anomalous++
		}
	}
	slices.SortFunc(groups, func(a, b group) int { return labels.Compare(a.labels, b.labels) })
	for _, g := range groups {
		rows = append(rows, board.Row{Metric: board.AnomalousSeriesRatio, Labels: g.labels, Value: float64(g.anomalous) / float64(g.scored)})
	}
	return rows
}

// appendQuality appends the quality of the task's forecasts by horizon: the mean coverage of its series, the share of
// those whose coverage is off, and the median skill.
func (r *Readout) appendQuality(rows []board.Row, s *board.Snapshot) []board.Row {
	for _, horizon := range horizons(r) {
		ls := labels.FromStrings("horizon", horizon, "task", r.task.Name)
		sum, n, off := 0.0, 0.0, 0.0
		for _, c := range s.Column(board.IntervalCoverage, horizon) {
			if math.IsNaN(c) {
				continue
			}
			sum, n = sum+c, n+1
			if math.Abs(c-r.task.Level) > coverageTolerance {
				off++
			}
		}
		if n > 0 {
			rows = append(rows, board.Row{Metric: board.TaskCoverage, Labels: ls, Value: sum / n},
				board.Row{Metric: board.TaskCoverageOff, Labels: ls, Value: off / n})
		}
		skills := slices.DeleteFunc(slices.Clone(s.Column(board.Skill, horizon)), math.IsNaN)
		if len(skills) > 0 {
			slices.Sort(skills)
			rows = append(rows, board.Row{Metric: board.TaskSkill, Labels: ls, Value: skills[len(skills)/2]})
		}
	}
	return rows
}
