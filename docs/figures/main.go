// Command figures draws the pictures of the pages on models in docs, on simulated series:
// `go run ./docs/figures` writes them to the folder they are in.
//
// shapes.go simulates series and draws forecasts, exhaustion.go draws times to a limit, main.go writes files.
package main

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/foresight-exporter/foresight/internal/plot"
	"github.com/foresight-exporter/foresight/models"
)

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour
)

func main() {
	folder := filepath.Join("docs", "figures")
	all := disks()
	maps.Copy(all, map[string]*plot.Chart{
		"holidays.svg": holidays(), "long-horizons.svg": months(), "line.svg": line(), "shift.svg": shift(), "saw-tooth.svg": sawTooth(), "certificate.svg": certificate(),
	})
	for name, c := range all {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(standalone(c)), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// standalone gives a drawing that carries its own style.
func standalone(c *plot.Chart) string {
	svg := c.SVG()
	head := strings.Index(svg, ">") + 1
	open := svg[:head]
	if !strings.Contains(open, "xmlns=") {
		open = strings.Replace(open, "<svg", `<svg xmlns="http://www.w3.org/2000/svg"`, 1)
	}
	return open + "<style>" + plot.CSS + "</style>" + svg[head:] + "\n"
}

// holidays has a shop's traffic, quiet on Sundays and on two holidays, and forecasts the second one with and without a
// calendar.
func holidays() *plot.Chart {
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	first, second := start/day+39, start/day+69 // a Monday and a Wednesday
	value := func(t int64) float64 {
		at := time.UnixMilli(t).UTC()
		busy := 1.0
		switch {
		case t/day == first || t/day == second:
			busy = 0.25
		case at.Weekday() == time.Sunday:
			busy = 0.45
		case at.Weekday() == time.Saturday:
			busy = 0.8
		}
		return 100 * (0.3 + busy*(1-math.Cos(2*math.Pi*(float64(at.Hour())-4)/24)))
	}
	aware := &models.Options{Step: time.Hour, Level: 0.95, Days: []models.SpecialDay{{Number: first, Kind: 1}, {Number: second, Kind: 1}}}
	unaware := *aware
	unaware.Days = nil
	origin := second*day - 12*hour
	v := noisy(value, start, origin+4*day, hour, 0.04)
	n := int((origin-start)/hour) + 1
	c := chart("Traffic around a holiday: forecast with and without a calendar", origin-4*day, origin+3*day, origin)
	c.Spans = []plot.Span{{Name: "holiday", Kind: plot.Anomaly, From: second * day, To: (second + 1) * day}}
	with, band := ahead(aware, start, hour, v[:n], 72)
	without, _ := ahead(&unaware, start, hour, v[:n], 72)
	with.Name, band.Name, without.Name, without.Kind = "with a calendar", "95 % interval", "without one", plot.Expected
	c.Bands, c.Lines = []plot.Band{band}, []plot.Line{without, with, observed(c, start, hour, v)}
	return c
}

// months has two years of a service with growth, a week and a year, and forecasts the third.
func months() *plot.Chart {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	value := func(t int64) float64 {
		years := float64(t-start) / float64(day) / 365.25
		weekday := [7]float64{1.05, 1.1, 0.85, 0.8, 1.05, 1.1, 1.05}[t/day%7]
		return 1000 * (1 + 0.3*years) * (1 + 0.2*math.Sin(2*math.Pi*years-1) + 0.08*math.Sin(4*math.Pi*years)) * weekday
	}
	origin := start + 731*day
	v := noisy(value, start, origin+364*day, day, 0.05)
	n := 732
	c := chart("Two years of a service, and the year after them as forecast", start, origin+364*day, origin)
	o := &models.Options{Step: 24 * time.Hour, Level: 0.95, Months: true, Horizons: []time.Duration{364 * 24 * time.Hour}}
	next, band := ahead(o, start, day, v[:n], 364)
	next.Name, band.Name = "forecast", "95 % interval"
	c.Bands, c.Lines = []plot.Band{band}, []plot.Line{observed(c, start, day, v), next}
	return c
}

func chart(label string, from, to, now int64) *plot.Chart {
	return &plot.Chart{Label: label, Width: 900, Height: 300, From: from, To: to, Now: now, Legend: true, Zero: true}
}

// noisy samples a course with noise that persists for some samples.
func noisy(value func(int64) float64, from, to, step int64, size float64) []float64 {
	rnd := rand.New(rand.NewPCG(7, 7)) // the same each time
	var v []float64
	slow := 0.0
	for t := from; t <= to; t += step {
		slow = 0.6*slow + size*rnd.NormFloat64()
		v = append(v, value(t)*(1+slow))
	}
	return v
}

// observed is the line of what a chart shows of samples.
func observed(c *plot.Chart, start, step int64, v []float64) plot.Line {
	l := plot.Line{Name: "observed, then and after", Kind: plot.Observed}
	for i, x := range v {
		if t := start + int64(i)*step; t >= c.From && t <= c.To {
			l.Points = append(l.Points, plot.Point{T: t, V: x})
		}
	}
	return l
}

// ahead forecasts n steps from what a series was.
func ahead(o *models.Options, start, step int64, v []float64, n int) (l plot.Line, b plot.Band) {
	f := models.Fit(o, models.Series{Start: start, Step: step, Values: v})
	leads := make([]time.Duration, n)
	for i := range leads {
		leads[i] = time.Duration(i+1) * o.Step
	}
	l.Kind, b.Kind = plot.Forecast, plot.Forecast
	for _, x := range f.Forecast(nil, leads, []float64{o.Level}) {
		t := f.End() + x.Lead.Milliseconds()
		l.Points = append(l.Points, plot.Point{T: t, V: x.Mean})
		b.Edges = append(b.Edges, plot.Edge{T: t, Lower: x.Lower[0], Upper: x.Upper[0]})
	}
	return l, b
}
