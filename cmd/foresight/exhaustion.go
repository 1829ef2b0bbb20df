package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/exhaustion"
)

func addExhaustion(a *kingpin.Application) (string, func() error) {
	c := a.Command("exhaustion", "Tell when series, of CSV files or of a source, reach a limit, as of any moments, and write that as CSV.")
	in := addInput(c)
	limit := c.Flag("limit", "The limit.").Required().Float64()
	ats := c.Flag("at", "A moment, Unix seconds; repeatable. Default: the last row.").PlaceHolder("T").Float64List()
	within := new(durations)
	c.Flag("within", "Time within which the probability is given; repeatable. Default: 4d.").PlaceHolder("96h").SetValue(within)
	falling := c.Flag("falling", "Reached at or below the limit.").Bool()
	sustained := duration(c.Flag("sustained", "Reached when the median over this time is. Default: by one sample.").PlaceHolder("24h"))
	step := duration(c.Flag("step", "Spacing of the grid. Default: the median distance of the first rows.").PlaceHolder("5m"))
	return "exhaustion", func() error {
		if math.IsNaN(*limit) || math.IsInf(*limit, 0) {
			return errors.New("--limit must be a finite number")
		}
		for _, at := range *ats {
			if !(math.Abs(at) <= 1e12) {
				return fmt.Errorf("--at=%v is not a moment in Unix seconds", at)
			}
		}
		if len(within.values) == 0 {
			_ = within.Set("4d")
		}
		for i, w := range within.values {
			if w > exhaustion.Reach {
				return fmt.Errorf("--within=%s is beyond the reach of 14d", within.typed[i])
			}
		}
		all, err := in.series(time.Duration(*step))
		if err != nil {
			return err
		}
		sorted := slices.Sorted(slices.Values(within.values))
		e := exhausting{
			limit: *limit, ats: *ats, within: within, sorted: sorted, step: time.Duration(*step),
			options: &models.ExhaustionOptions{Falling: *falling, Sustained: time.Duration(*sustained), Within: sorted},
		}
		head := new(rows).text("series").text("origin").text("seconds_p10").text("seconds_p50").text("seconds_p90")
		for _, w := range within.typed {
			head.text("probability_" + w)
		}
		head.end()
		if _, err := os.Stdout.Write(head.b); err != nil {
			return err
		}
		return all.each(os.Stdout, e.series)
	}
}

type exhausting struct {
	limit   float64
	ats     []float64
	within  *durations
	sorted  []time.Duration
	step    time.Duration
	options *models.ExhaustionOptions
}

// series walks the rows once, in the order of time, and answers at each moment by the rows up to it.
func (c *exhausting) series(name string, s []source.Sample, out *rows) error {
	if len(s) == 0 {
		return errors.New("no rows")
	}
	slices.SortStableFunc(s, func(a, b source.Sample) int { return int(min(1, max(-1, a.T-b.T))) })
	step := c.step
	if step == 0 {
		var err error
		if step, err = replay.FindStep(s); err != nil {
			return err
		}
	}
	ats := c.ats
	if len(ats) == 0 {
		ats = []float64{float64(s[len(s)-1].T) / 1000}
	}
	answers := map[float64]models.Exhaustion{}
	m := exhaustion.New(step.Milliseconds(), c.options)
	next := 0
	for _, at := range slices.Sorted(slices.Values(ats)) {
		t := int64(math.Round(at * 1000))
		for ; next < len(s) && s[next].T <= t; next++ {
			m.Observe(s[next].T, s[next].V)
		}
		m.Observe(t, math.NaN())
		var e models.Exhaustion
		m.Assess(&e, c.limit)
		answers[at] = e
	}
	for _, at := range ats {
		e := answers[at]
		out.text(name).time(int64(math.Round(at * 1000)))
		for _, v := range e.Seconds {
			if !e.Known {
				v = math.Inf(1)
			}
			out.number(v)
		}
		for _, w := range c.within.values {
			p := 0.0
			if e.Known {
				p = e.Probability[slices.Index(c.sorted, w)]
			}
			out.number(p)
		}
		out.end()
	}
	return nil
}
