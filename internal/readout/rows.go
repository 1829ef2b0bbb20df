package readout

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
)

// coverageTolerance is how far a series' measured coverage may be from the task's level before it counts as off.
const coverageTolerance = 0.1

// count is how many series of a group are scored, and anomalous.
type count struct{ scored, anomalous int }

// appendRatios appends the share of anomalous series of each group, among those that are scored, by labels.
func (r *Readout) appendRatios(rows []board.Row, s *board.Snapshot, f *fleet.Fleet, listed []*fleet.Series) []board.Row {
	groups := f.Groups()
	r.counts = slices.Grow(r.counts[:0], len(groups))[:len(groups)]
	clear(r.counts)
	for i, score := range s.Column(board.AnomalyScore, "") {
		if math.IsNaN(score) {
			continue
		}
		c := &r.counts[listed[i].Group.Index]
		if c.scored++; score > 1 {
			c.anomalous++
		}
	}
	for i, c := range r.counts {
		if c.scored > 0 {
			rows = append(rows, board.Row{Metric: board.AnomalousSeriesRatio, Labels: groups[i].Labels, Value: float64(c.anomalous) / float64(c.scored)})
		}
	}
	return rows
}

// appendQuality appends the quality of the task's forecasts by horizon: the mean coverage of its series, the share of
// those whose coverage is off, and the median skill.
func (r *Readout) appendQuality(rows []board.Row, s *board.Snapshot) []board.Row {
	for _, ls := range r.quality {
		horizon := ls.Get("horizon")
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
		r.skills = r.skills[:0]
		for _, v := range s.Column(board.Skill, horizon) {
			if !math.IsNaN(v) {
				r.skills = append(r.skills, v)
			}
		}
		if n := len(r.skills); n > 0 {
			slices.Sort(r.skills)
			rows = append(rows, board.Row{Metric: board.TaskSkill, Labels: ls, Value: r.skills[n/2]})
		}
	}
	return rows
}
