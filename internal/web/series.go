package web

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// historyTimeout bounds how long a page waits for the source.
const historyTimeout = 5 * time.Second

// pastParam is the query parameter of the charts' range. No label of a stock Prometheus begins with a dash.
const pastParam = "-past"

var pasts = [...]time.Duration{6 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour, year}

// year is offered where the task reads at least half of it.
const year = 365 * 24 * time.Hour

const defaultPast = week // as much as curves reach ahead

// pastLink is the same page with another range.
type pastLink struct {
	Name, URL string
	Current   bool
}

// horizonView is what a series says of one horizon. Values that are not exported are NaN.
type horizonView struct {
	Horizon string
	models.Interval
	Coverage, Skill        float64
	HasForecast, HasScores bool
}

// withinView is a probability of reaching the limit.
type withinView struct {
	Within string
	Chance float64
}

// seriesView is the page of one series.
type seriesView struct {
	row
	Snapshot      *board.Snapshot
	Expr          string
	Labels        []labels.Label // without task
	Why           string         // the series is not forecast
	Score         string         // what the score says, in words
	Lower, Upper  float64
	Limit         float64
	Peers         float64 // the score among its siblings
	Chart, Strip  template.HTML
	Exhaustion    template.HTML
	HistoryError  string
	Pasts         []pastLink
	Horizons      []horizonView
	HasQuality    bool
	Within        []withinView
	P10, P50, P90 float64
	HasExhaustion bool
	PromQL        []query
}

// query is PromQL to copy.
type query struct{ What, Expr string }

func (s *server) series(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	name := q.Get("task")
	snapshot := s.Board.Task(name)
	if snapshot == nil {
		s.notFound(w, r, fmt.Sprintf("There is no task %q, or it has not been evaluated yet.", name), "")
		return
	}
	rows := find(snapshot, q)
	switch len(rows) {
	case 0:
		s.notFound(w, r, "No series of this task has these labels now: it may have vanished, or its labels have changed.", name)
	case 1:
		s.render(w, r, "series", rows[0].Name(), s.seriesView(r.Context(), snapshot, rows[0], q))
	default:
		t := tableView{Task: s.taskView(snapshot), Filter: filter{Sort: byScore, Limit: tableRows}, prefix: s.prefix, Matching: len(rows)}
		t.HasLimit = snapshot.Column(board.TimeToExhaustion, "0.5") != nil
		sortRows(rows, byScore)
		t.Rows = rows[:min(len(rows), maxRows)]
		s.render(w, r, "several", name, t)
	}
}

func (s *server) seriesView(ctx context.Context, snapshot *board.Snapshot, r row, q url.Values) *seriesView {
	i := r.index
	get := func(m board.Metric, label string) float64 { return at(snapshot.Column(m, label), i) }
	v := &seriesView{
		row: r, Snapshot: snapshot, Why: why(r.State), Score: explain(r.Series.Score),
		Lower: get(board.ExpectedLower, ""), Upper: get(board.ExpectedUpper, ""), Limit: get(board.Limit, ""), Peers: get(board.PeerScore, ""),
		P10: get(board.TimeToExhaustion, "0.1"), P50: get(board.TimeToExhaustion, "0.5"), P90: get(board.TimeToExhaustion, "0.9"),
	}
	if s.Expr != nil {
		v.Expr = s.Expr(snapshot.Task)
	}
	r.Series.Labels.Range(func(l labels.Label) {
		if l.Name != "task" {
			v.Labels = append(v.Labels, l)
		}
	})
	v.HasExhaustion = !math.IsNaN(v.P50)
	for k := range snapshot.Columns {
		c := &snapshot.Columns[k]
		if c.Metric.Name == board.ExhaustionProbability.Name && !math.IsNaN(at(c.Values, i)) {
			v.Within = append(v.Within, withinView{c.LabelValue, at(c.Values, i)})
			v.HasExhaustion = true
		}
	}
	v.Horizons = horizons(snapshot, i)
	for _, h := range v.Horizons {
		v.HasQuality = v.HasQuality || h.HasScores
	}
	past := s.past(v, q)
	s.draw(ctx, v, past)
	v.PromQL = queries(v)
	return v
}

// past reads the range asked for and fills the links to the others.
func (s *server) past(v *seriesView, q url.Values) time.Duration {
	past := defaultPast
	if d, err := model.ParseDuration(q.Get(pastParam)); err == nil {
		for _, p := range pasts {
			if time.Duration(d) == p {
				past = p
			}
		}
	}
	for _, p := range pasts {
		if p == year && v.Snapshot.History < year/2 {
			continue
		}
		link := seriesQuery(v.Task, v.Series.Labels)
		link.Set(pastParam, exact(p))
		v.Pasts = append(v.Pasts, pastLink{Name: duration(p), URL: s.prefix + "/series?" + link.Encode(), Current: p == past})
	}
	return past
}

// horizons lists what the snapshot says of series i, horizon by horizon.
func horizons(snapshot *board.Snapshot, i int) []horizonView {
	var out []horizonView
	for k := range snapshot.Columns {
		c := &snapshot.Columns[k]
		if c.Label != "horizon" || c.Metric.Name != board.Forecast.Name && c.Metric.Name != board.IntervalCoverage.Name {
			continue
		}
		if len(out) > 0 && contains(out, c.LabelValue) {
			continue
		}
		get := func(m board.Metric) float64 { return at(snapshot.Column(m, c.LabelValue), i) }
		h := horizonView{
			Horizon:  c.LabelValue,
			Interval: models.Interval{Mean: get(board.Forecast), Lower: get(board.ForecastLower), Upper: get(board.ForecastUpper)},
			Coverage: get(board.IntervalCoverage), Skill: get(board.Skill),
		}
		h.HasForecast, h.HasScores = !math.IsNaN(h.Mean), !math.IsNaN(h.Coverage) || !math.IsNaN(h.Skill)
		if h.HasForecast || h.HasScores {
			out = append(out, h)
		}
	}
	return out
}

func contains(all []horizonView, horizon string) bool {
	for _, h := range all {
		if h.Horizon == horizon {
			return true
		}
	}
	return false
}

// queries are what a user may want to ask a Prometheus that scrapes Foresight.
func queries(v *seriesView) []query {
	selector := func(m board.Metric, more ...string) string { return promSelector(m.Name, v.Series.Labels, more...) }
	has := func(m board.Metric) bool {
		for i := range v.Snapshot.Columns {
			if v.Snapshot.Columns[i].Metric.Name == m.Name && !v.Snapshot.Columns[i].Hidden {
				return true
			}
		}
		return false
	}
	var out []query
	if has(board.Expected) {
		out = append(out, query{"What is expected now", selector(board.Expected)})
	}
	if has(board.AnomalyScore) {
		out = append(out, query{"Anomalous now", selector(board.AnomalyScore) + " > 1"})
	}
	if has(board.Forecast) && len(v.Horizons) > 0 {
		out = append(out, query{"Forecast " + v.Horizons[0].Horizon + " ahead", selector(board.Forecast, "horizon", v.Horizons[0].Horizon)})
	}
	if has(board.TimeToExhaustion) {
		out = append(out, query{"Seconds until the limit, median", selector(board.TimeToExhaustion, "probability", "0.5")})
	}
	if has(board.ExhaustionProbability) && len(v.Within) > 0 {
		out = append(out, query{"Likely to reach the limit within " + v.Within[0].Within, selector(board.ExhaustionProbability, "within", v.Within[0].Within) + " > 0.5"})
	}
	return out
}

// promSelector selects one series of a metric. Names that are not plain are quoted, as Prometheus 3 wants it.
func promSelector(metric string, ls labels.Labels, more ...string) string {
	var b strings.Builder
	b.WriteString(metric + "{")
	write := func(name, value string) {
		if !strings.HasSuffix(b.String(), "{") {
			b.WriteString(", ")
		}
		if !model.LegacyValidation.IsValidLabelName(name) {
			name = strconv.Quote(name)
		}
		b.WriteString(name + "=" + strconv.Quote(value))
	}
	ls.Range(func(l labels.Label) { write(l.Name, l.Value) })
	for i := 0; i < len(more); i += 2 {
		write(more[i], more[i+1])
	}
	b.WriteString("}")
	return b.String()
}

// why says in words why a series is not forecast; "": it is.
func why(s models.State) string {
	switch s {
	case models.StateOK:
		return ""
	case models.StateWarmingUp:
		return "Nothing is learnt of it yet: there is less than a day of it, or its history is still being read."
	case models.StateTooShort:
		return "It has too little history to learn from, less than a season or a day. It will be forecast when there is more."
	case models.StateConstant:
		return "It does not change. A change will still be scored."
	case models.StateGaps:
		return "More than half of its samples are missing."
	case models.StateStale:
		return "The source has no recent sample of it."
	case models.StateAmbiguous:
		return "Several series, or several limits, have the same identity. Name more labels in the task's `by`, or in `on`."
	case models.StateNoLimit:
		return "There is no usable limit for it. It is forecast all the same."
	case models.StateOverLimit:
		return "It has reached its limit. It is forecast all the same."
	}
	return "Learning it failed. The log names the cause."
}

// explain says in words what speaks against a sample.
func explain(s models.Score) string {
	switch {
	case s.Part.String() == "known":
		return "It is unlike what was expected, but known at this time from other days."
	case s.Value <= 0:
		return "Nothing speaks against the expectation."
	case s.Value < 0.5:
		return "Little speaks against the expectation."
	}
	var what string
	switch s.Part.String() {
	case "point":
		what = "The latest value is unlike what was expected"
	case "level":
		what = "The level has moved away from what is usual at this time"
	case "spread":
		what = "It varies unlike what is usual at this time"
	case "bounds":
		what = "The latest value is outside of the bounds that the task gives"
	default:
		what = "Something speaks against the expectation"
	}
	switch s.Direction {
	case 1:
		what += ", upwards"
	case -1:
		what += ", downwards"
	}
	if s.Value <= 1 {
		return what + ", but not enough to be called anomalous."
	}
	if s.ReturnPeriod <= 0 {
		return what + "."
	}
	return what + ". The like comes by chance " + often(s.ReturnPeriod) + "."
}

// often says in words how often something happens once in so many seconds.
func often(seconds float64) string {
	const day = 86400
	for _, u := range []struct {
		seconds float64
		name    string
	}{{365.25 * day, "years"}, {30.44 * day, "months"}, {7 * day, "weeks"}, {day, "days"}} {
		if n := seconds / u.seconds; n >= 1000 {
			return "less than once in 1000 " + u.name
		} else if n >= 1.5 {
			return fmt.Sprintf("once in %.0f %s", n, u.name)
		}
	}
	return "once a day or more often"
}
