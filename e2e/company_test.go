package e2e

import (
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// truth is a series whose past and future are known: a smooth part, and noise that is a function of time.
type truth struct {
	name   string
	labels labels.Labels
	smooth func(t time.Time) float64
	noise  float64 // standard deviation
}

func (s truth) value(t time.Time) float64 {
	t = t.Truncate(time.Minute)
	h := fnv.New64a()
	fmt.Fprint(h, s.name, s.labels, t.Unix())
	// The sum of four uniform values, of variance 1/3.
	u, sum := h.Sum64(), -2.0
	for range 4 {
		sum += float64(u&0xffff) / (1 << 16)
		u >>= 16
	}
	return s.smooth(t) + s.noise*sum*math.Sqrt(3)
}

func (s truth) history() testkit.History {
	return testkit.History{Name: s.name, Labels: s.labels, Value: s.value}
}

// expose gives the present of the series in the text format.
func expose(all []truth, now time.Time) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s%s %g\n", s.name, s.labels, s.value(now))
	}
	return b.String()
}

func histories(all []truth) []testkit.History {
	hs := make([]testkit.History, 0, len(all))
	for _, s := range all {
		hs = append(hs, s.history())
	}
	return hs
}

// weekly is a curve with a day and a week.
func weekly(base, day, week float64) func(time.Time) float64 {
	return func(t time.Time) float64 {
		x := float64(t.Unix()) / 86400
		return base + day*math.Sin(2*math.Pi*x) + week*math.Sin(2*math.Pi*x/7)
	}
}

// filling grows linearly and reaches limit at full.
func filling(limit float64, perDay float64, full time.Time) func(time.Time) float64 {
	return func(t time.Time) float64 { return limit - perDay*full.Sub(t).Hours()/24 }
}

func constant(v float64) func(time.Time) float64 { return func(time.Time) float64 { return v } }
