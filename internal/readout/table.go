package readout

import (
	"math"
	"strconv"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// family is one row of the table: a metric of single series, and how a series fills its columns.
type family struct {
	metric board.Metric
	label  string                       // of its own, such as "horizon"; "": none, and one column
	values func(*Readout) []string      // of that label, one column each
	of     func(*Readout) bool          // tasks that have it, of those that ask for its group; nil: all
	kept   bool                         // by tasks that do not ask for its group too, hidden
	hidden bool                         // always: for the pages only
	when   condition                    // under which a series has values
	fill   func(s *said, k int) float64 // the value in column k; NaN: none
}

// condition says in which series a family has values, and what has to be worked out for them.
type condition uint8

const (
	scored   condition = iota // those held against what was expected
	expected                  // those that are forecast
	ahead                     // the same, with said.forecasts
	measured                  // the same, with said.quality
	limited                   // those with a law of the time to their limit, said.law
	conditions
)

// table has all families of single series but foresight_series_info, in the order of board.SeriesMetrics. A new metric
// is a new row.
func table() []family {
	return []family{
		{metric: board.Expected, when: expected, fill: func(s *said, _ int) float64 { return s.Assessment.Expected.Mean }},
		{metric: board.ExpectedLower, when: expected, fill: func(s *said, _ int) float64 { return s.Assessment.Expected.Lower }},
		{metric: board.ExpectedUpper, when: expected, fill: func(s *said, _ int) float64 { return s.Assessment.Expected.Upper }},

		{metric: board.AnomalyScore, when: scored, fill: func(s *said, _ int) float64 { return s.Assessment.Value }},
		{metric: board.AnomalyStart, when: scored, fill: func(s *said, _ int) float64 { return start(s.Assessment.Score) }},
		{metric: board.AnomalyDirection, when: scored, fill: func(s *said, _ int) float64 { return float64(s.Assessment.Direction) }},
		{metric: board.PeerScore, when: scored, of: grouped, fill: func(s *said, _ int) float64 { return s.PeerScore }},

		{metric: board.Forecast, label: "horizon", values: horizons, when: ahead, fill: func(s *said, k int) float64 { return s.forecasts[k].Mean }},
		{metric: board.ForecastLower, label: "horizon", values: horizons, when: ahead, fill: func(s *said, k int) float64 { return s.forecasts[k].Lower[0] }},
		{metric: board.ForecastUpper, label: "horizon", values: horizons, when: ahead, fill: func(s *said, k int) float64 { return s.forecasts[k].Upper[0] }},

		{metric: board.TimeToExhaustion, label: "probability", values: probabilities, of: withLaw, when: limited, fill: func(s *said, k int) float64 { return s.law.Seconds[k] }},
		{metric: board.ExhaustionProbability, label: "within", values: within, of: withLaw, when: limited, fill: func(s *said, k int) float64 { return s.law.Probability[k] }},
		{metric: board.Limit, hidden: true, kept: true, of: withLimit, when: scored, fill: func(s *said, _ int) float64 { return s.limit }},

		{metric: board.Observed, kept: true, when: scored, fill: func(s *said, _ int) float64 { return s.Observed }},

		{metric: board.IntervalCoverage, label: "horizon", values: horizons, kept: true, when: measured, fill: func(s *said, k int) float64 { return s.quality[k].Coverage }},
		{metric: board.Skill, label: "horizon", values: horizons, kept: true, when: measured, fill: func(s *said, k int) float64 { return s.quality[k].Skill }},
	}
}

// start returns when the event under way began, in seconds; NaN without one.
func start(s models.Score) float64 {
	if s.Start == 0 {
		return math.NaN()
	}
	return float64(s.Start) / 1000
}

func grouped(r *Readout) bool   { return len(r.task.GroupBy) > 0 }
func withLimit(r *Readout) bool { return r.options.Limit != nil }
func withLaw(r *Readout) bool   { return r.task.Exhaustion != nil }

func horizons(r *Readout) []string {
	out := make([]string, len(r.options.Horizons))
	for i, h := range r.options.Horizons {
		out[i] = model.Duration(h).String()
	}
	return out
}

func probabilities(*Readout) []string {
	out := make([]string, len(exhaustion.Probabilities))
	for i, p := range exhaustion.Probabilities {
		out[i] = strconv.FormatFloat(p, 'g', -1, 64)
	}
	return out
}

func within(r *Readout) []string {
	out := make([]string, len(r.task.Exhaustion.Within))
	for i, w := range r.task.Exhaustion.Within {
		out[i] = w.String()
	}
	return out
}
