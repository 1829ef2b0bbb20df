package main

import (
	"errors"
	"math"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

func addDetect(a *kingpin.Application) (string, func() error) {
	c := a.Command("detect", "Score series, of CSV files or of a source, each row by the rows up to it, and write the scores as CSV.")
	in := addInput(c)
	rate := c.Flag("false-events-per-week", "The promise behind score 1: false events a series and week.").Default("0.3").Float64()
	step := duration(c.Flag("step", "Spacing of the grid. Default: the median distance of the first rows.").PlaceHolder("5m"))
	settle := duration(c.Flag("settle", "After which what lasts is normal.").Default("1d"))
	return "detect", func() error {
		if !(*rate > 0 && *rate < math.Inf(1)) {
			return errors.New("--false-events-per-week must be above 0")
		}
		all, err := in.series(time.Duration(*step))
		if err != nil {
			return err
		}
		if _, err := os.Stdout.WriteString("series,timestamp,value,expected,lower,upper,score,onset\n"); err != nil {
			return err
		}
		return all.each(os.Stdout, func(name string, s []source.Sample, out *rows) error {
			return detect(name, s, time.Duration(*step), time.Duration(*settle), *rate, out)
		})
	}
}

// detect walks the rows in the order of the file and writes one row for each.
func detect(name string, s []source.Sample, step, settle time.Duration, rate float64, out *rows) error {
	if len(s) == 0 {
		return nil
	}
	if step == 0 {
		var err error
		if step, err = replay.FindStep(s); err != nil {
			return err
		}
	}
	if err := checkSpan(s, step); err != nil {
		return err
	}
	f := models.New(&models.Options{
		Step: step, Level: 0.95,
		Anomaly: &models.AnomalyOptions{FalseEventsPerWeek: rate, Above: true, Below: true, Settle: settle},
	})
	ms := step.Milliseconds()
	for _, r := range s {
		slot := s[0].T + (r.T-s[0].T+ms/2)/ms*ms
		a := f.Observe(slot, r.V)
		if f.Due() { // it stands alone: no refit has to wait for its turn
			f.Refit()
		}
		out.text(name).time(r.T).number(r.V).number(a.Expected.Mean).number(a.Expected.Lower).number(a.Expected.Upper).number(a.Value).number(bit(a.Onset))
		out.end()
	}
	return nil
}

// bit returns 1 for yes, else 0.
func bit(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
