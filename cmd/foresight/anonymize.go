package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/anonymous"
	"github.com/foresight-exporter/foresight/internal/source"
)

func addAnonymize(a *kingpin.Application) (string, func() error) {
	c := a.Command("anonymize", "Write series, of CSV files or of a source, so that they can be shown: moved in time by whole weeks, scaled so that the largest value is 1, without names. Their shape stays.")
	in := addInput(c)
	step := duration(c.Flag("step", "Spacing of the samples that a source is asked for. Default: 5m.").PlaceHolder("5m"))
	dir := c.Flag("output", "Directory for the files series-1.csv and so on. Needed for more than one series; one goes to standard output.").PlaceHolder("DIR").String()
	exact := c.Flag("exact", "Scale by a power of two: judgements stay to the last digit, but the digits of the values can be guessed.").Bool()
	values := c.Flag("value", "A value to scale alike, such as the limit or a threshold, told on standard error; repeatable.").PlaceHolder("V").Float64List()
	times := c.Flag("time", "A moment to move alike, Unix seconds, told on standard error; repeatable.").PlaceHolder("T").Float64List()
	return "anonymize", func() error {
		for _, at := range *times {
			if !(math.Abs(at) <= 1e12) {
				return fmt.Errorf("--time=%v is not a moment in Unix seconds", at)
			}
		}
		all, err := in.series(time.Duration(*step))
		if err != nil {
			return err
		}
		if all.n > 1 && *dir == "" {
			return errors.New("more than one series: name a directory by --output")
		}
		series := make([][]source.Sample, all.n) // all at once: they have one transform
		for i := range series {
			if _, series[i], err = all.load(i); err != nil {
				return err
			}
		}
		t := anonymous.Of(series...)
		if *exact {
			t = t.Exact()
		}
		if err := writeAnonymous(*dir, t, series); err != nil {
			return err
		}
		for _, v := range *values {
			fmt.Fprintf(os.Stderr, "the value %v is %v\n", v, t.Value(v))
		}
		for _, at := range *times {
			ms := int64(math.Round(at * 1000))
			fmt.Fprintf(os.Stderr, "the time %s is %s\n", new(rows).time(ms).b, new(rows).time(t.Time(ms)).b)
		}
		return nil
	}
}

// writeAnonymous writes each series to a file of the directory, or the only one to standard output where dir is "". Files
// that are there already are never overwritten.
func writeAnonymous(dir string, t anonymous.Transform, series [][]source.Sample) error {
	for i, s := range series {
		out := new(rows).text("timestamp").text("value")
		out.end()
		for _, p := range t.Apply(s) {
			out.time(p.T).number(p.V).end()
		}
		if dir == "" {
			if _, err := os.Stdout.Write(out.b); err != nil {
				return err
			}
			continue
		}
		path := filepath.Join(dir, fmt.Sprintf("series-%d.csv", i+1))
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.Write(out.b)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
