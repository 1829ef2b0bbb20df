package web

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"time"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/plot"
)

const (
	chartWidth  = 1060
	chartPoints = 500
	stripCap    = 4 // interval half-widths
	reach       = 14 * 24 * time.Hour
	week        = 7 * 24 * time.Hour
)

// draw fills the charts of a series: what was observed, what was and is expected, and how far apart they were.
func (s *server) draw(ctx context.Context, v *seriesView, past time.Duration) {
	snapshot := v.Snapshot
	now := snapshot.Origin
	if now == 0 {
		now = s.Now().UnixMilli()
	}
	ahead := future(snapshot.Reach(v.index), past)
	step := chartStep(snapshot.Step, past+ahead)
	grid := step.Milliseconds()
	from, to := (now-past.Milliseconds())/grid*grid, now+ahead.Milliseconds()

	observed := s.observed(ctx, v, from, now, step)
	if n := len(observed); n > 0 && math.IsNaN(v.Value) {
		v.Value = observed[n-1].V
	}
	var points []board.Point
	origin := now
	if v.Ahead != nil {
		points, origin = v.Ahead.Curve(nil, from, to, step)
	}
	if len(points) == 0 && len(observed) == 0 {
		return
	}
	end := max(to, origin)
	// plot escapes its texts, so that its drawings are safe as they are.
	v.Chart = template.HTML(v.chart(observed, points, from, end, origin, grid).SVG())
	if strip := v.strip(observed, points, from, end, origin, grid); len(strip.Lines[0].Points) > 0 {
		v.Strip = template.HTML(strip.SVG())
	}
	if v.HasExhaustion && !math.IsInf(v.P50, 1) && v.P50 > 0 {
		v.Exhaustion = template.HTML(v.exhaustion(origin).SVG())
	}
}

// future is how much of what is known ahead is drawn beside a past: as much, and all that is within two weeks beside a
// week and more.
func future(known, past time.Duration) time.Duration {
	if past >= week {
		past = max(past, reach)
	}
	return min(known, past)
}

// chartStep is a multiple of the task's step that gives a chart about chartPoints points.
func chartStep(step, span time.Duration) time.Duration {
	if step <= 0 {
		step = time.Minute
	}
	each := chartPoints * step
	return step * time.Duration(max(1, (span+each-1).Nanoseconds()/each.Nanoseconds()))
}

// observed reads the samples to draw. A failure is shown on the page, which does without them.
func (s *server) observed(ctx context.Context, v *seriesView, from, to int64, step time.Duration) []Sample {
	if s.History == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	samples, err := s.History(ctx, v.Task, v.Series.Labels, from, to, step)
	if err != nil {
		v.HistoryError = err.Error()
		return nil
	}
	return samples
}

func (v *seriesView) chart(observed []Sample, points []board.Point, from, to, origin, grid int64) *plot.Chart {
	c := &plot.Chart{Label: "Observed and expected values of " + v.Name(), Width: chartWidth, Height: 340, From: from, To: to, Now: origin, Legend: true}
	seen := plot.Line{Name: "observed", Kind: plot.Observed, Gap: 3 * grid}
	for _, o := range observed {
		seen.Points = append(seen.Points, plot.Point(o))
	}
	percent := level(v.Snapshot.Level) + " interval"
	before, after := plot.Line{Name: "expected", Kind: plot.Expected, Gap: 3 * grid}, plot.Line{Name: "forecast", Kind: plot.Forecast}
	narrow, wide := plot.Band{Name: percent, Kind: plot.Expected}, plot.Band{Name: percent + " of the forecast", Kind: plot.Forecast}
	for _, p := range points {
		line, band := &before, &narrow
		if p.T > origin {
			line, band = &after, &wide
			if len(after.Points) == 0 && len(before.Points) > 0 { // no hole between the two
				last := before.Points[len(before.Points)-1]
				after.Points = append(after.Points, last)
				wide.Edges = append(wide.Edges, narrow.Edges[len(narrow.Edges)-1])
			}
		}
		line.Points = append(line.Points, plot.Point{T: p.T, V: p.Mean})
		band.Edges = append(band.Edges, plot.Edge{T: p.T, Lower: p.Lower, Upper: p.Upper})
	}
	for _, l := range []plot.Line{before, after, seen} {
		if len(l.Points) > 0 {
			c.Lines = append(c.Lines, l)
		}
	}
	for _, b := range []plot.Band{narrow, wide} {
		if len(b.Edges) > 0 {
			c.Bands = append(c.Bands, b)
		}
	}
	if !math.IsNaN(v.Limit) {
		c.Levels = append(c.Levels, plot.Level{Name: "limit", Kind: plot.Limit, V: v.Limit})
		if v.P10 < math.Inf(1) && v.P10 > 0 {
			c.Ranges = append(c.Ranges, plot.Range{Name: "when the limit is reached", Kind: plot.Limit, V: v.Limit, From: later(origin, v.P10), Mid: later(origin, v.P50), To: later(origin, v.P90)})
		}
	}
	c.Spans = v.event(from, origin)
	c.Tips = tips(observed, points, from, to, origin)
	return c
}

// event marks the anomaly that lasts.
func (v *seriesView) event(from, origin int64) []plot.Span {
	if !v.Anomalous() || v.Series.Score.Start == 0 {
		return nil
	}
	return []plot.Span{{Name: "anomaly", Kind: plot.Anomaly, From: max(from, v.Series.Score.Start), To: origin}}
}

// later is the moment s seconds after t.
func later(t int64, s float64) int64 {
	return t + int64(1000*min(s, (365*24*time.Hour).Seconds()))
}

// strip draws how far observed values were from the expected ones, with the edge of the interval as 1.
func (v *seriesView) strip(observed []Sample, points []board.Point, from, to, origin, grid int64) *plot.Chart {
	at := make(map[int64]board.Point, len(points))
	for _, p := range points {
		at[p.T] = p
	}
	line := plot.Line{Name: "distance from the expectation, in half-widths of the interval", Kind: plot.Observed, Gap: 3 * grid}
	for _, o := range observed {
		p, ok := at[o.T]
		if !ok {
			continue
		}
		d, width := o.V-p.Mean, p.Upper-p.Mean
		if d < 0 {
			d, width = -d, p.Mean-p.Lower
		}
		if width > 0 {
			line.Points = append(line.Points, plot.Point{T: o.T, V: min(d/width, stripCap)})
		}
	}
	return &plot.Chart{
		Label: "Distance of observed from expected values", Width: chartWidth, Height: 130, From: from, To: to, Now: origin, Zero: true, Legend: true,
		Levels: []plot.Level{{Name: "edge of the interval", Kind: plot.Anomaly, V: 1}},
		Lines:  []plot.Line{line}, Spans: v.event(from, origin),
	}
}

func (v *seriesView) exhaustion(origin int64) *plot.Chart {
	to := min(later(origin, max(1.5*v.P90, time.Hour.Seconds())), origin+reach.Milliseconds())
	return &plot.Chart{
		Label: "When the limit is reached: 10th, 50th and 90th percentile", Width: chartWidth / 2, Height: 64, From: origin, To: to, NoValues: true,
		Levels: []plot.Level{{Kind: plot.Expected, V: 0}},
		Ranges: []plot.Range{{Kind: plot.Limit, V: 0, From: later(origin, v.P10), Mid: later(origin, v.P50), To: later(origin, v.P90)}},
	}
}

// tips tell the values at about a hundred moments.
func tips(observed []Sample, points []board.Point, from, to, origin int64) []plot.Tip {
	seen := make(map[int64]float64, len(observed))
	for _, o := range observed {
		seen[o.T] = o.V
	}
	var out []plot.Tip
	every := max(1, len(points)/120)
	for i := 0; i < len(points); i += every {
		p := points[i]
		if p.T < from || p.T > to {
			continue
		}
		text := time.UnixMilli(p.T).UTC().Format("Mon 2 Jan 15:04 UTC")
		if v, ok := seen[p.T]; ok {
			text += "\nobserved " + number(v)
		}
		word := "expected"
		if p.T > origin {
			word = "forecast"
		}
		out = append(out, plot.Tip{T: p.T, Text: fmt.Sprintf("%s\n%s %s (%s to %s)", text, word, number(p.Mean), number(p.Lower), number(p.Upper))})
	}
	return out
}
