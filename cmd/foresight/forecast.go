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
)

func addForecast(a *kingpin.Application) (string, func() error) {
	c := a.Command("forecast", "Forecast series, of CSV files or of a source, and write the forecasts as CSV.")
	in := addInput(c)
	local := addLocalDays(c)
	horizon := duration(c.Flag("horizon", "How far ahead.").Required().PlaceHolder("48h"))
	step := duration(c.Flag("step", "Spacing of the grid. Default: the median distance of the rows.").PlaceHolder("1h"))
	origins := c.Flag("origins", "Forecast from that many moments before the last row instead of from the last row.").PlaceHolder("N").Int()
	every := duration(c.Flag("every", "Distance between those moments.").PlaceHolder("24h"))
	level := new(levels)
	c.Flag("level", "Level of a prediction interval; repeatable. Default: 0.95.").PlaceHolder("0.95").SetValue(level)
	return "forecast", func() error {
		if len(level.values) == 0 {
			_ = level.Set("0.95")
		}
		if *origins < 0 || (*origins > 0) != (*every > 0) {
			return errors.New("--origins=N, above 0, and --every=D go together")
		}
		location, days, err := local.read()
		if err != nil {
			return err
		}
		all, err := in.series(time.Duration(*step))
		if err != nil {
			return err
		}
		f := forecasting{time.Duration(*horizon), time.Duration(*step), *origins, time.Duration(*every), level, location, days}
		head := new(rows).text("series").text("origin").text("timestamp").text("mean")
		for _, l := range level.typed {
			head.text("lower_" + l).text("upper_" + l)
		}
		head.end()
		if _, err := os.Stdout.Write(head.b); err != nil {
			return err
		}
		return all.each(os.Stdout, f.series)
	}
}

type forecasting struct {
	horizon, step time.Duration
	origins       int
	every         time.Duration
	levels        *levels
	location      *time.Location
	days          []models.SpecialDay
}

func (c *forecasting) series(name string, s []source.Sample, out *rows) error {
	if len(s) == 0 {
		return errors.New("no rows")
	}
	slices.SortStableFunc(s, func(a, b source.Sample) int { return int(min(1, max(-1, a.T-b.T))) })
	last := s[len(s)-1].T
	if c.origins == 0 {
		return c.origin(name, s, last, out)
	}
	for n := c.origins; n > 0; n-- {
		if err := c.origin(name, s, last-int64(n)*c.every.Milliseconds(), out); err != nil {
			return err
		}
	}
	return nil
}

// origin forecasts from one moment, with rows up to and including it.
func (c *forecasting) origin(name string, s []source.Sample, origin int64, out *rows) error {
	n, _ := slices.BinarySearchFunc(s, origin+1, func(a source.Sample, t int64) int { return int(min(1, max(-1, a.T-t))) })
	s = s[:n]
	if n == 0 {
		return fmt.Errorf("no rows up to the origin %d", origin/1000)
	}
	step := c.step
	if step == 0 {
		var err error
		if step, err = replay.FindStep(s); err != nil {
			return err
		}
	}
	if err := checkSpan(s, step); err != nil {
		return err
	}
	if c.horizon/step > mostMoments {
		return fmt.Errorf("the horizon %v has %d steps of %s: is it wrong, or --step?", c.horizon, c.horizon/step, step)
	}
	if c.horizon < step {
		return fmt.Errorf("the horizon %v is below the step %v", c.horizon, step)
	}
	sorted := slices.Sorted(slices.Values(c.levels.values))
	o := &models.Options{Step: step, Level: sorted[len(sorted)-1], Location: c.location, Days: c.days}
	f := models.Fit(o, replay.Grid(s, origin, step))
	leads := make([]time.Duration, c.horizon/step)
	for i := range leads {
		leads[i] = time.Duration(i+1) * step
	}
	forecasts := f.Forecast(nil, leads, sorted)
	if len(forecasts) == 0 {
		fmt.Fprintf(os.Stderr, "foresight forecast: %s: too few samples up to %d to forecast from\n", name, origin/1000)
	}
	for _, p := range forecasts {
		out.text(name).time(origin).time(origin + p.Lead.Milliseconds()).number(p.Mean)
		for _, l := range c.levels.values {
			i := slices.Index(sorted, l)
			out.number(p.Lower[i]).number(p.Upper[i])
		}
		out.end()
		if math.IsNaN(p.Mean) {
			return fmt.Errorf("the forecast at %d is not finite", origin/1000)
		}
	}
	return nil
}
