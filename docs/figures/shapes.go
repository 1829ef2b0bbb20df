package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/internal/plot"
	"github.com/foresight-exporter/foresight/models"
)

const minutes5 = 5 * int64(time.Minute/time.Millisecond)

// shape draws a simulated series at steps of five minutes and its forecast of so many hours from each of some moments.
func shape(label string, days int, past, hours int64, moments []int64, value func(t int64, rnd *rand.Rand) float64) *plot.Chart {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli()
	last := moments[len(moments)-1]
	rnd := rand.New(rand.NewPCG(5, 5)) //nolint:gosec // a simulation, the same each time
	var v []float64
	for t := int64(0); t <= last+hours*hour; t += minutes5 {
		v = append(v, value(t, rnd))
	}
	c := chart(label, start+int64(days)*day-past*hour, start+last+hours*hour, start+last)
	lines := []plot.Line{observed(c, start, minutes5, v)}
	o := &models.Options{Step: 5 * time.Minute, Level: 0.95}
	for i, at := range moments {
		l, b := ahead(o, start, minutes5, v[:at/minutes5+1], int(hours*hour/minutes5))
		if l.Name, b.Name = "forecast", "95 % interval"; i < len(moments)-1 {
			l.Name, l.Kind = "forecast before", plot.Expected
		} else {
			c.Bands = append(c.Bands, b)
		}
		lines = append(lines, l)
	}
	c.Lines = lines
	return c
}

// line has a steady rise under a daily wave.
func line() *plot.Chart {
	return shape("A rise that goes on", 14, 96, 168, []int64{14 * day}, func(t int64, rnd *rand.Rand) float64 {
		wave := 0.0
		if h := t / hour % 24; h >= 8 && h < 20 {
			wave = 15
		}
		return 100 + 12*float64(t)/float64(day) + wave + 2*rnd.NormFloat64()
	})
}

// shift has a level that is another from one moment on, forecast an hour and twelve hours later.
func shift() *plot.Chart {
	at := 14*day + 10*hour
	return shape("A level that is another from one moment on: the forecast an hour later, and twelve", 14, 24, 24, []int64{at + hour, at + 12*hour},
		func(t int64, rnd *rand.Rand) float64 {
			v := 200 + 4*rnd.NormFloat64()
			if t >= at {
				v += 120
			}
			return v
		})
}

// sawTooth has memory that leaks and is freed every day.
func sawTooth() *plot.Chart {
	return shape("Memory that leaks and is freed every night", 14, 72, 72, []int64{14*day + 9*hour}, func(t int64, rnd *rand.Rand) float64 {
		return 30 + 40*float64((t+21*hour)%day)/float64(day) + rnd.NormFloat64()
	})
}

// certificate has the days that are left of one: renewed with 30 of 90 left, until a renewal does not come.
func certificate() *plot.Chart {
	c := shape("Days until a certificate expires; the renewal with 30 left did not come", 190, 100*24, 20*24, []int64{190 * day}, func(t int64, _ *rand.Rand) float64 {
		d := float64(t) / float64(day)
		if d < 180 {
			return 90 - math.Mod(d, 60)
		}
		return 210 - d
	})
	c.Levels = []plot.Level{{Name: "expired", Kind: plot.Limit, V: 0}}
	for i := range c.Lines { // straight, so a point each six hours draws it
		c.Lines[i].Gap, c.Lines[i].Points = 7*hour, slices.DeleteFunc(c.Lines[i].Points, func(p plot.Point) bool { return p.T%(6*hour) != 0 })
	}
	for i := range c.Bands {
		c.Bands[i].Edges = slices.DeleteFunc(c.Bands[i].Edges, func(p plot.Edge) bool { return p.T%(6*hour) != 0 })
	}
	return c
}
