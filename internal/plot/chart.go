// Package plot draws time series as SVG: lines, bands, levels and marked spans over a time axis, with numbers in SI
// units. A drawing needs no script and no style attribute; its look comes from [CSS], which the page includes.
//
// chart.go draws; axis.go finds ticks and their names.
package plot

import (
	_ "embed"
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// CSS is the style sheet of the drawings, light or dark as the reader prefers.
//
//go:embed plot.css
var CSS string

// Kind says how a part of a chart looks.
type Kind string

// The kinds.
const (
	Observed Kind = "observed"
	Expected Kind = "expected"
	Forecast Kind = "forecast"
	Limit    Kind = "limit"
	Anomaly  Kind = "anomaly"
)

// Chart is one drawing. Values that are not finite are left out; parts that are zero are not drawn.
type Chart struct {
	Label         string // what the chart shows, for those who can't see it
	Width, Height int    // of the drawing; it scales with the page
	From, To      int64  // Unix milliseconds
	Now           int64  // the moment that parts past and future
	Zero          bool   // the value axis begins at 0
	NoValues      bool   // no value axis
	Legend        bool

	Spans  []Span
	Bands  []Band
	Levels []Level
	Ranges []Range
	Lines  []Line
	Tips   []Tip
}

// Point is one value of a line.
type Point struct {
	T int64 // Unix milliseconds
	V float64
}

// Line joins points, oldest first, that are at most Gap milliseconds apart; 0: all of them.
type Line struct {
	Name   string
	Kind   Kind
	Gap    int64
	Points []Point
}

// Edge is one moment of a band.
type Edge struct {
	T            int64
	Lower, Upper float64
}

// Band is the area between two lines. It may be cut where it would dwarf the lines.
type Band struct {
	Name  string
	Kind  Kind
	Edges []Edge
}

// Level is a line at one value.
type Level struct {
	Name string
	Kind Kind
	V    float64
}

// Span marks a stretch of time.
type Span struct {
	Name     string
	Kind     Kind
	From, To int64
}

// Range is a stretch of time at one value, with its middle: when something will happen, and how sure that is.
type Range struct {
	Name          string
	Kind          Kind
	V             float64
	From, Mid, To int64
}

// Tip is shown by the browser where the pointer rests at a moment.
type Tip struct {
	T    int64
	Text string
}

// frame places values on the drawing.
type frame struct {
	left, top, right, bottom float64
	from, to                 int64
	low, high                float64
}

func (f frame) x(t int64) float64 {
	return f.left + (f.right-f.left)*float64(t-f.from)/float64(max(f.to-f.from, 1))
}

func (f frame) y(v float64) float64 {
	return f.bottom - (f.bottom-f.top)*(min(max(v, f.low), f.high)-f.low)/(f.high-f.low)
}

// SVG draws the chart.
func (c *Chart) SVG() string {
	f := frame{left: 8, top: 10, right: float64(c.Width) - 12, bottom: float64(c.Height) - 26, from: c.From, to: c.To}
	if !c.NoValues {
		f.left = 56
	}
	if c.Legend {
		f.top = 32
	}
	f.low, f.high = c.extent()
	values := valueTicks(f.low, f.high, max(2, int((f.bottom-f.top)/48)))
	if !c.NoValues && len(values.at) > 1 {
		f.low, f.high = min(f.low, values.at[0]), max(f.high, values.at[len(values.at)-1])
	}

	var b strings.Builder
	label := html.EscapeString(c.Label)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 %d %d"><title>%s</title>`, c.Width, c.Height, label)
	c.axes(&b, f, values)
	for _, s := range c.Spans {
		from, to := f.x(max(s.From, c.From)), f.x(min(s.To, c.To))
		fmt.Fprintf(&b, `<rect class="plot-span plot-%s" x="%s" y="%s" width="%s" height="%s"/>`, s.Kind, px(from), px(f.top), px(max(to-from, 1)), px(f.bottom-f.top))
	}
	for _, band := range c.Bands {
		fmt.Fprintf(&b, `<path class="plot-band plot-%s" d="%s"/>`, band.Kind, f.band(band.Edges))
	}
	for _, l := range c.Levels {
		if finite(l.V) {
			fmt.Fprintf(&b, `<path class="plot-level plot-%s" d="M%s %sH%s"/>`, l.Kind, px(f.left), px(f.y(l.V)), px(f.right))
		}
	}
	if c.Now > c.From && c.Now < c.To {
		fmt.Fprintf(&b, `<path class="plot-now" d="M%s %sV%s"/>`, px(f.x(c.Now)), px(f.top), px(f.bottom))
	}
	for _, l := range c.Lines {
		fmt.Fprintf(&b, `<path class="plot-line plot-%s" d="%s"/>`, l.Kind, f.line(l))
	}
	for _, r := range c.Ranges {
		c.drawRange(&b, f, r)
	}
	if c.Legend {
		c.legend(&b, f)
	}
	c.tips(&b, f)
	b.WriteString("</svg>")
	return b.String()
}

func (c *Chart) drawRange(b *strings.Builder, f frame, r Range) {
	if r.From >= c.To {
		return
	}
	y, from, to := f.y(r.V), f.x(r.From), f.x(min(r.To, c.To))
	fmt.Fprintf(b, `<rect class="plot-range plot-%s" x="%s" y="%s" width="%s" height="10" rx="3"/>`, r.Kind, px(from), px(y-5), px(max(to-from, 2)))
	if r.Mid < c.To {
		fmt.Fprintf(b, `<path class="plot-mid plot-%s" d="M%s %sv16"/>`, r.Kind, px(f.x(r.Mid)), px(y-8))
	}
}

// extent is the range of values that is shown: all of the lines and levels, and as much of the bands as leaves the
// lines a third of the height.
func (c *Chart) extent() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	include := func(v float64) {
		if finite(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	for _, l := range c.Lines {
		for _, p := range l.Points {
			include(p.V)
		}
	}
	bandLow, bandHigh := math.Inf(1), math.Inf(-1)
	for _, band := range c.Bands {
		for _, e := range band.Edges {
			if finite(e.Lower) && finite(e.Upper) {
				bandLow, bandHigh = min(bandLow, e.Lower), max(bandHigh, e.Upper)
			}
		}
	}
	if bandLow <= bandHigh {
		if spread := high - low; spread > 0 {
			bandLow, bandHigh = max(bandLow, low-spread), min(bandHigh, high+spread)
		}
		include(bandLow)
		include(bandHigh)
	}
	for _, l := range c.Levels {
		include(l.V)
	}
	if c.Zero {
		include(0)
	}
	switch {
	case !(low <= high):
		return 0, 1
	case low == high:
		margin := max(math.Abs(low)/10, 1e-9)
		return low - margin, high + margin
	}
	return low, high
}

func (f frame) line(l Line) string {
	var b strings.Builder
	last, pen := int64(0), false
	for _, p := range l.Points {
		if !finite(p.V) {
			pen = false
			continue
		}
		if pen && (l.Gap == 0 || p.T-last <= l.Gap) {
			b.WriteString("L" + px(f.x(p.T)) + " " + px(f.y(p.V)))
		} else {
			b.WriteString("M" + px(f.x(p.T)) + " " + px(f.y(p.V)) + "h0") // a lone point shows as a dot
		}
		last, pen = p.T, true
	}
	return b.String()
}

// band is an area for each stretch of finite edges.
func (f frame) band(edges []Edge) string {
	var b strings.Builder
	for len(edges) > 0 {
		n := 0
		for n < len(edges) && finite(edges[n].Lower) && finite(edges[n].Upper) {
			n++
		}
		for i, e := range edges[:n] {
			b.WriteString(command(i) + px(f.x(e.T)) + " " + px(f.y(e.Upper)))
		}
		for i := n - 1; i >= 0; i-- {
			b.WriteString("L" + px(f.x(edges[i].T)) + " " + px(f.y(edges[i].Lower)))
		}
		if n > 0 {
			b.WriteString("Z")
		}
		edges = edges[min(n+1, len(edges)):]
	}
	return b.String()
}

func command(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

func (c *Chart) tips(b *strings.Builder, f frame) {
	for i, tip := range c.Tips {
		from, to := f.left, f.right
		if i > 0 {
			from = f.x((c.Tips[i-1].T + tip.T) / 2)
		}
		if i+1 < len(c.Tips) {
			to = f.x((tip.T + c.Tips[i+1].T) / 2)
		}
		fmt.Fprintf(b, `<rect class="plot-tip" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`,
			px(from), px(f.top), px(max(to-from, 0)), px(f.bottom-f.top), html.EscapeString(tip.Text))
	}
}

// finite tells whether a value can be drawn: differences of such values are finite too.
func finite(v float64) bool { return math.Abs(v) <= 1e300 }

// px is a coordinate with one decimal.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }
