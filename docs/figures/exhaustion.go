package main

import (
	"math/rand/v2"
	"time"

	"github.com/foresight-exporter/foresight/internal/plot"
	"github.com/foresight-exporter/foresight/models/exhaustion"
)

const step5m = 5 * 60_000

// disks are the pictures of docs/models-exhaustion.md: what is said when, of volumes in percent.
func disks() map[string]*plot.Chart {
	calm := func(i int) float64 { return 40 + 2*float64(i)/288 }
	sudden := func(i int) float64 { return 50 + 20*max(0, float64(i-28*288)/288) }
	tooth := func(stops int) func(int) float64 {
		level := 70.0
		return func(i int) float64 {
			if level += 23.0 / 288; level >= 93 && i < stops {
				level = 70
			}
			return level
		}
	}
	return map[string]*plot.Chart{
		"exhaustion-calm.svg":    disk("A calm fill: 2 % a day", calm, 31*288, 18),
		"exhaustion-sudden.svg":  disk("A quiet disk that suddenly fills: 20 % a day", sudden, 32*288, 8),
		"exhaustion-tooth.svg":   disk("A saw tooth: cleaned every day at 93 %", tooth(1<<30), 32*288, 8),
		"exhaustion-stopped.svg": disk("The same, and one day the cleaning stops", tooth(30*288), 32*288, 8),
	}
}

// disk draws the last days of a volume with what is said of it: the chance to be full within four days.
func disk(label string, used func(int) float64, n, days int) *plot.Chart {
	rnd := rand.New(rand.NewPCG(3, 3)) //nolint:gosec // a simulation, the same each time
	m := exhaustion.New(step5m, &exhaustion.Options{Within: []time.Duration{4 * 24 * time.Hour}})
	c := chart(label, int64(n-days*288)*step5m, int64(n)*step5m, 0)
	c.Levels = []plot.Level{{Name: "full", Kind: plot.Limit, V: 100}}
	level, chance := plot.Line{Name: "used, %", Kind: plot.Observed}, plot.Line{Name: "chance to be full within 4 days, %", Kind: plot.Forecast}
	var a exhaustion.Assessment
	for i := range n {
		t, v := int64(i)*step5m, min(used(i), 100)+0.15*rnd.NormFloat64()
		m.Observe(t, v)
		if t < c.From || i%3 != 0 {
			continue
		}
		level.Points = append(level.Points, plot.Point{T: t, V: min(v, 100)})
		if m.Assess(&a, 100); a.Known {
			chance.Points = append(chance.Points, plot.Point{T: t, V: 100 * a.Probability[0]})
		}
		if v >= 100 {
			break
		}
	}
	c.Lines = []plot.Line{chance, level}
	return c
}
