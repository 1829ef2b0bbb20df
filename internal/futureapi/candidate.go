package futureapi

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// candidate is a series that may be answered: a family's name, the labels of the board's series or row, and the
// family's own labels. Its labels are put together only if the matchers want it.
type candidate struct {
	snapshot *board.Snapshot
	metric   string
	own      labels.Labels // such as horizon; they win
	base     labels.Labels // empty ones are absent, but keep a scrape from adding its own
	part     part
	ahead    board.Ahead // of a curve
	reach    int64       // of a curve, milliseconds from now
	value    float64     // else: since the snapshot's origin
}

// get gives the value of a label, "" where there is none. seriesLabels are added by the scrape where the series has
// no label of that name.
func (c *candidate) get(name string, seriesLabels labels.Labels) string {
	switch {
	case name == model.MetricNameLabel:
		return c.metric
	case c.own.Has(name):
		return c.own.Get(name)
	case c.base.Has(name):
		return c.base.Get(name)
	}
	return seriesLabels.Get(name)
}

// names calls yield with the name of each label.
func (c *candidate) names(seriesLabels labels.Labels, yield func(string)) {
	yield(model.MetricNameLabel)
	each := func(l labels.Label) {
		if c.get(l.Name, seriesLabels) != "" {
			yield(l.Name)
		}
	}
	c.own.Range(each)
	c.base.Range(each)
	seriesLabels.Range(each)
}

// labels gives the labels of the series as a Prometheus that scrapes Foresight has them.
func (c *candidate) labels(seriesLabels labels.Labels) labels.Labels {
	b := labels.NewBuilder(c.base)
	seriesLabels.Range(func(l labels.Label) {
		if !c.base.Has(l.Name) {
			b.Set(l.Name, l.Value)
		}
	})
	c.own.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
	b.Set(model.MetricNameLabel, c.metric)
	return b.Labels()
}

// each calls yield with the candidates that the matchers leave, in the tasks whose time the querier touches, until it
// returns false. The candidate is reused. The error is that of the context.
func (q *querier) each(ctx context.Context, matchers []*labels.Matcher, yield func(*candidate) bool) error {
	var ofName, ofTask, others []*labels.Matcher
	for _, m := range matchers {
		switch m.Name {
		case model.MetricNameLabel:
			ofName = append(ofName, m)
		case "task":
			ofTask = append(ofTask, m)
		default:
			others = append(others, m)
		}
	}
	wanted := func(metric string) bool { return matchAll(ofName, metric) }
	seen := 0
	for _, s := range q.board.Snapshots() {
		if !matchAll(ofTask, s.Task) || q.maxt < q.at-s.History.Milliseconds() || q.mint > q.at+s.Farthest().Milliseconds() {
			continue
		}
		more := candidates(s, wanted, func(c *candidate) bool {
			if seen++; seen%1024 == 0 && ctx.Err() != nil {
				return false
			}
			for _, m := range others {
				if !m.Matches(c.get(m.Name, q.seriesLabels)) {
					return true
				}
			}
			return yield(c)
		})
		if !more {
			break
		}
	}
	return context.Cause(ctx)
}

func matchAll(matchers []*labels.Matcher, value string) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(value) })
}

// curves are the families answered for any time.
var curves = [...]struct {
	name string
	part part
}{
	{board.Expected.Name, expected},
	{board.ExpectedLower.Name, lower},
	{board.ExpectedUpper.Name, upper},
}

// candidates calls yield with every series of a snapshot in the wanted families, until it returns false, and tells
// whether it never did.
func candidates(s *board.Snapshot, wanted func(metric string) bool, yield func(*candidate) bool) bool {
	var one candidate
	try := func(c candidate) bool { one = c; return yield(&one) }
	for _, f := range curves {
		if !wanted(f.name) {
			continue
		}
		for i := range s.Series {
			if a := s.Series[i].Ahead; a != nil &&
				!try(candidate{snapshot: s, metric: f.name, base: s.Series[i].Labels, part: f.part, ahead: a, reach: s.Reach(i).Milliseconds()}) {
				return false
			}
		}
	}
	if s.Origin == 0 {
		return true
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Hidden || isCurve(c.Metric.Name) || !wanted(c.Metric.Name) {
			continue
		}
		own := labels.EmptyLabels()
		if c.Label != "" {
			own = labels.FromStrings(c.Label, c.LabelValue)
		}
		for k, v := range c.Values {
			if !math.IsNaN(v) && !try(candidate{snapshot: s, metric: c.Metric.Name, base: s.Series[k].Labels, own: own, value: v}) {
				return false
			}
		}
	}
	if slices.Contains(s.Groups, board.GroupInfo) && wanted(board.SeriesInfo.Name) {
		for i := range s.Series {
			x := &s.Series[i]
			own := labels.FromStrings("model", x.Model, "season", x.Season, "state", x.State.String())
			if !try(candidate{snapshot: s, metric: board.SeriesInfo.Name, base: x.Labels, own: own, value: 1}) {
				return false
			}
		}
	}
	return taskCandidates(s, wanted, yield)
}

func isCurve(metric string) bool {
	for _, f := range curves {
		if f.name == metric {
			return true
		}
	}
	return false
}

// taskCandidates are those of the families of groups and tasks.
func taskCandidates(s *board.Snapshot, wanted func(metric string) bool, yield func(*candidate) bool) bool {
	row := func(m board.Metric, ls labels.Labels, v float64) bool {
		return !wanted(m.Name) || yield(&candidate{snapshot: s, metric: m.Name, base: ls, value: v})
	}
	for i := range s.Rows {
		if !row(s.Rows[i].Metric, s.Rows[i].Labels, s.Rows[i].Value) {
			return false
		}
	}
	for state, n := range s.States {
		if !row(board.TaskSeries, labels.FromStrings("state", models.State(state).String(), "task", s.Task), float64(n)) {
			return false
		}
	}
	task := labels.FromStrings("task", s.Task)
	if !s.LastSuccess.IsZero() && !row(board.TaskLastSuccess, task, float64(s.LastSuccess.UnixMilli())/1000) {
		return false
	}
	return row(board.TaskOrigin, task, float64(s.Origin)/1000) &&
		row(board.TaskMissedEvaluations, task, float64(s.Missed)) &&
		row(board.TaskDroppedSeries, task, float64(s.Dropped))
}
