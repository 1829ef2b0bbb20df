package engine

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// layout says which columns a task publishes, and where each begins.
type layout struct {
	columns                                                                 []board.Column // without values
	horizons                                                                []time.Duration
	horizonLabels                                                           []string
	levels                                                                  []float64
	expected, anomaly, peer, forecast, exhaustion, observed, limit, quality int // first column of each; -1: not exported
}

func newLayout(c *config.Task, o *models.Options) *layout {
	l := &layout{levels: []float64{c.Level}, expected: -1, anomaly: -1, peer: -1, forecast: -1, exhaustion: -1, observed: -1, limit: -1, quality: -1}
	wants := func(g board.Group) bool { return slices.Contains(c.Outputs, g) }
	add := func(label string, values []string, metrics ...board.Metric) int {
		first := len(l.columns)
		for _, m := range metrics {
			for _, v := range values {
				l.columns = append(l.columns, board.Column{Metric: m, Label: label, LabelValue: v})
			}
		}
		return first
	}
	none := []string{""}
	l.horizons = o.Horizons
	for _, h := range l.horizons {
		l.horizonLabels = append(l.horizonLabels, model.Duration(h).String())
	}
	if wants(board.GroupExpected) {
		l.expected = add("", none, board.Expected, board.ExpectedLower, board.ExpectedUpper)
	}
	if wants(board.GroupAnomaly) {
		l.anomaly = add("", none, board.AnomalyScore, board.AnomalyDirection)
		if len(c.GroupBy) > 0 {
			l.peer = add("", none, board.PeerScore)
		}
	}
	if wants(board.GroupForecast) {
		l.forecast = add("horizon", l.horizonLabels, board.Forecast, board.ForecastLower, board.ForecastUpper)
	}
	if wants(board.GroupExhaustion) && c.Exhaustion != nil {
		probabilities := make([]string, len(exhaustion.Probabilities))
		for i, p := range exhaustion.Probabilities {
			probabilities[i] = strconv.FormatFloat(p, 'g', -1, 64)
		}
		within := make([]string, len(c.Exhaustion.Within))
		for i, w := range c.Exhaustion.Within {
			within[i] = w.String()
		}
		l.exhaustion = add("probability", probabilities, board.TimeToExhaustion)
		add("within", within, board.ExhaustionProbability)
	}
	l.observed = add("", none, board.Observed)
	l.columns[l.observed].Hidden = !wants(board.GroupObserved)
	if o.Limit != nil {
		l.limit = add("", none, board.Limit)
		l.columns[l.limit].Hidden = true
	}
	if wants(board.GroupQuality) {
		l.quality = add("horizon", l.horizonLabels, board.IntervalCoverage, board.Skill)
	}
	return l
}
