package replay

import (
	_ "embed"
	"html/template"
	"io"
	"math"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/plot"
)

//go:embed report.html
var page string

// WriteHTML writes reports as one page that needs nothing but itself.
func WriteHTML(w io.Writer, reports []*Report) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"css":    func() template.CSS { return template.CSS(plot.CSS) }, //nolint:gosec // our own style sheet
		"number": func(n Number, format string) string { return n.text(format) },
		"title":  func(a Alert) string { return a.title() },
		"minute": minute,
		"svg": func(c *plot.Chart) template.HTML {
			if c == nil {
				return ""
			}
			return template.HTML(c.SVG()) //nolint:gosec // plot escapes what it draws
		},
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, reports)
}

// Width of the drawings.
const chartWidth = 1000

// strip draws the alarms of one alert over the time that counts, by what became of them.
func (p *Played) strip(alarms []alarm, verdicts []verdict) *plot.Chart {
	c := &plot.Chart{
		Label: "Alarms over time", Width: chartWidth, Height: 56, From: p.at(p.From), To: p.end(), NoValues: true,
	}
	for i, a := range alarms {
		kind := plot.Expected
		if i < len(verdicts) {
			switch verdicts[i] {
			case cameTrue:
				kind = plot.Observed
			case falseAlarm:
				kind = plot.Anomaly
			}
		}
		from, to := p.at(a.first), p.at(a.last)+p.Step
		c.Ranges = append(c.Ranges, plot.Range{Kind: kind, From: from, Mid: from, To: to})
	}
	return c
}

// example draws one series around an alarm or an event: what was observed, what was expected, the limit or threshold.
func (p *Played) example(kind string, series int, s span, r *Rule) *plot.Chart {
	around := max(s.last-s.first, int(r.Within.Milliseconds()/p.Step), 24)
	first, last := max(p.From, s.first-around), min(p.Len-1, s.last+around)
	c := &plot.Chart{
		Label: p.Series[series].Labels.String(), Width: chartWidth, Height: 220, From: p.at(first), To: p.at(last), Legend: true,
		Spans: []plot.Span{{Name: kind, Kind: plot.Anomaly, From: p.at(s.first), To: p.at(s.last) + p.Step}},
	}
	observed := plot.Line{Name: "observed", Kind: plot.Observed, Gap: 3 * p.Step}
	limit := plot.Line{Name: "limit", Kind: plot.Limit, Gap: 3 * p.Step}
	for i := first; i <= last; i++ {
		observed.Points = append(observed.Points, plot.Point{T: p.at(i), V: p.Series[series].Values[i]})
		if r.Truth == TruthLimit && p.Series[series].Limits != nil {
			limit.Points = append(limit.Points, plot.Point{T: p.at(i), V: p.Series[series].Limits[i]})
		}
	}
	expected := plot.Line{Name: "expected", Kind: plot.Expected, Gap: 3 * p.Step}
	for _, one := range p.exported.find(named(p.Series[series].Labels, board.Expected)) {
		if one.T >= c.From && one.T <= c.To {
			expected.Points = append(expected.Points, plot.Point{T: one.T, V: one.F})
		}
	}
	for _, l := range []plot.Line{expected, limit, observed} {
		if len(l.Points) > 0 {
			c.Lines = append(c.Lines, l)
		}
	}
	if v := p.threshold(r.Truth); !math.IsNaN(v) {
		c.Levels = []plot.Level{{Name: "threshold", Kind: plot.Limit, V: v}}
	}
	return c
}

// threshold is the task's threshold that a truth speaks of, NaN where it does not.
func (p *Played) threshold(truth Truth) float64 {
	switch t := p.Task.Threshold; {
	case t == nil:
	case truth == TruthAbove && t.Above != nil:
		return *t.Above
	case truth == TruthBelow && t.Below != nil:
		return *t.Below
	}
	return math.NaN()
}

func minute(t time.Time) string { return t.Format("2006-01-02 15:04") }
