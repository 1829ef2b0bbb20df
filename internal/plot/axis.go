package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const legendGap = 40.0

// ticks are the marks of an axis.
type ticks struct {
	at     []float64
	labels []string
}

func (c *Chart) axes(b *strings.Builder, f frame, values ticks) {
	if !c.NoValues {
		for i, v := range values.at {
			y := f.y(v)
			fmt.Fprintf(b, `<path class="plot-grid" d="M%s %sH%s"/>`, px(f.left), px(y), px(f.right))
			fmt.Fprintf(b, `<text class="plot-tick" text-anchor="end" x="%s" y="%s">%s</text>`, px(f.left-8), px(y+4), values.labels[i])
		}
	}
	for _, t := range timeTicks(c.From, c.To, max(2, c.Width/110)) {
		x := f.x(t.at)
		fmt.Fprintf(b, `<path class="plot-grid" d="M%s %sV%s"/>`, px(x), px(f.top), px(f.bottom+4))
		class := "plot-tick"
		if t.day {
			class += " plot-day"
		}
		anchor := "middle"
		if x > f.right-20 {
			anchor = "end"
		}
		fmt.Fprintf(b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, px(x), px(f.bottom+18), t.label)
	}
}

// legend names the parts of the chart in a row above it.
func (c *Chart) legend(b *strings.Builder, f frame) {
	x := f.left
	entry := func(shape, name string, kind Kind) {
		if name == "" {
			return
		}
		fmt.Fprintf(b, shape, kind, px(x))
		fmt.Fprintf(b, `<text class="plot-name" x="%s" y="18">%s</text>`, px(x+22), html.EscapeString(name))
		x += legendGap + 6.3*float64(utf8.RuneCountInString(name))
	}
	for _, l := range c.Lines {
		entry(`<path class="plot-line plot-%s" d="M%s 14h16"/>`, l.Name, l.Kind)
	}
	for _, band := range c.Bands {
		entry(`<rect class="plot-band plot-%s" x="%s" y="8" width="16" height="12"/>`, band.Name, band.Kind)
	}
	for _, l := range c.Levels {
		entry(`<path class="plot-level plot-%s" d="M%s 14h16"/>`, l.Name, l.Kind)
	}
	for _, r := range c.Ranges {
		entry(`<rect class="plot-range plot-%s" x="%s" y="9" width="16" height="10" rx="3"/>`, r.Name, r.Kind)
	}
	for _, s := range c.Spans {
		entry(`<rect class="plot-span plot-%s" x="%s" y="8" width="16" height="12"/>`, s.Name, s.Kind)
	}
}

// valueTicks are about n round numbers that enclose [low, high].
func valueTicks(low, high float64, n int) ticks {
	step := niceStep((high - low) / float64(n))
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	var t ticks
	if !(step > 0) || last-first > 100 || math.Abs(first) > 1e15 || math.Abs(last) > 1e15 {
		return t // steps that a float64 cannot tell apart
	}
	unit, prefix := unitOf(max(math.Abs(low), math.Abs(high)))
	decimals := min(max(int(math.Ceil(-math.Log10(step/unit)-1e-9)), 0), 9)
	for k := first; k <= last; k++ {
		label := "0"
		if k != 0 {
			label = strconv.FormatFloat(k*step/unit, 'f', decimals, 64) + prefix
		}
		t.at, t.labels = append(t.at, k*step), append(t.labels, label)
	}
	return t
}

// niceStep is 1, 2 or 5 times a power of ten, at least v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// unitOf is the SI unit in which a magnitude has up to three digits before the point. Ratios stay as they are.
func unitOf(magnitude float64) (unit float64, prefix string) {
	if !(magnitude > 0) || magnitude >= 1e-3 && magnitude < 1e4 || magnitude >= 1e18 || magnitude < 1e-12 {
		return 1, ""
	}
	for _, p := range []struct {
		unit   float64
		prefix string
	}{{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}, {1e-12, "p"}} {
		if magnitude >= p.unit {
			return p.unit, p.prefix
		}
	}
	return 1, ""
}

// SI is a number in at most four digits with an SI prefix: "1.503G", "0.21", "-4.2µ".
func SI(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "Inf", "∞", 1)
	}
	unit, prefix := unitOf(math.Abs(v))
	scaled := v / unit
	text := strconv.FormatFloat(scaled, 'g', 4, 64)
	if rounded, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(rounded) >= 1e-3 && math.Abs(rounded) < 1e6 {
		text = strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return text + prefix
}

// timeTick is one mark of a time axis.
type timeTick struct {
	at    int64
	label string
	day   bool // the label names a day
}

// timeSteps are those below a day, which divide it.
var timeSteps = [...]time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

var daySteps = [...]int{1, 2, 4, 7, 14, 28, 91, 182, 364}

// timeTicks are at most n marks on round moments of UTC.
func timeTicks(from, to int64, n int) []timeTick {
	start, end := time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC()
	span := end.Sub(start)
	for _, step := range timeSteps {
		if span/step < time.Duration(n) {
			return clockTicks(start, end, step)
		}
	}
	days := daySteps[len(daySteps)-1]
	for _, d := range daySteps {
		if int(span/(24*time.Hour))/d < n {
			days = d
			break
		}
	}
	return dayTicks(start, end, days, n)
}

func clockTicks(start, end time.Time, step time.Duration) []timeTick {
	var out []timeTick
	day := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	for !day.After(end) {
		next := day.AddDate(0, 0, 1)
		for t := day; t.Before(next) && !t.After(end); t = t.Add(step) {
			if t.Before(start) {
				continue
			}
			tick := timeTick{at: t.UnixMilli(), label: t.Format("15:04")}
			if t.Equal(day) {
				tick.label, tick.day = t.Format("Mon 2 Jan"), true
			}
			out = append(out, tick)
		}
		day = next
	}
	return out
}

func dayTicks(start, end time.Time, days, n int) []timeTick {
	var out []timeTick
	day := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	if day.Before(start) {
		day = day.AddDate(0, 0, 1)
	}
	layout := "2 Jan"
	if days >= 91 {
		layout = "Jan 2006"
	}
	for ; !day.After(end) && len(out) <= 4*n; day = day.AddDate(0, 0, days) {
		out = append(out, timeTick{at: day.UnixMilli(), label: day.Format(layout), day: true})
	}
	return out
}
