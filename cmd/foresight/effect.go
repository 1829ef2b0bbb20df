package main

import (
	"errors"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/incident"
	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
)

func addEffect(a *kingpin.Application) (string, func() error) {
	c := a.Command("effect", "Tell what a moment, such as a deploy, did to series: the mean after it less what was expected, as CSV.")
	in := addInput(c)
	at := c.Flag("at", "The moment, Unix seconds: rows up to it are before, rows behind it after.").Required().PlaceHolder("T").String()
	step := duration(c.Flag("step", "Spacing of the grid. Default: the median distance of the first rows.").PlaceHolder("5m"))
	return "effect", func() error {
		t, err := parseTime(*at)
		if err != nil {
			return err
		}
		all, err := in.series(time.Duration(*step))
		if err != nil {
			return err
		}
		head := new(rows).text("series").text("at").text("effect").text("lower").text("upper").text("score")
		head.end()
		if _, err := os.Stdout.Write(head.b); err != nil {
			return err
		}
		return all.each(os.Stdout, func(name string, s []source.Sample, out *rows) error {
			if len(s) == 0 {
				return errors.New("no rows")
			}
			every := time.Duration(*step)
			if every == 0 {
				if every, err = replay.FindStep(s); err != nil {
					return err
				}
			}
			if err := checkSpan(s, every); err != nil {
				return err
			}
			grid := replay.Grid(s, newest(s), every)
			before := int((t-grid.Start)/grid.Step) + 1
			if t < grid.Start {
				before = 0
			}
			e := incident.Measure(grid.Values, grid.Step, min(before, len(grid.Values)), len(grid.Values))
			out.text(name).time(t).number(e.Mean).number(e.Lower).number(e.Upper).number(e.Score)
			out.end()
			return nil
		})
	}
}

// newest returns the latest time of rows, of which there is one at least.
func newest(s []source.Sample) int64 {
	t := s[0].T
	for _, r := range s {
		t = max(t, r.T)
	}
	return t
}
