package main

import (
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/check"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
)

func addCheck(a *kingpin.Application) (string, func() error) {
	c := a.Command("check", "Validate the configuration; with --live also what the expressions return and which series would not be forecast.")
	file := c.Flag("config.file", "Configuration file.").Default("foresight.yml").String()
	live := c.Flag("live", "Ask the source.").Bool()
	expand := c.Flag("expand", "Print the configuration with presets and defaults written out, without secrets, and nothing else.").Bool()
	return "check", func() error {
		conf, err := config.Load(*file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return exitCode(1)
		}
		if *expand {
			text, err := conf.Expanded()
			if err == nil {
				_, err = os.Stdout.Write(text)
			}
			return err
		}
		if *live {
			check.Summary(os.Stdout, *file, conf)
		} else {
			check.Config(os.Stdout, *file, conf, time.Now())
		}
		client, err := source.New(source.Options{
			URL: conf.Source.URL.URL, HTTP: conf.Source.HTTP, MaxConcurrentQueries: conf.Source.MaxConcurrentQueries,
			Timeout: time.Duration(conf.Source.Timeout),
		})
		if err != nil {
			return err
		}
		defer client.Close()
		if !*live {
			return nil
		}
		ctx, cancel := untilSignal()
		defer cancel()
		bar := newProgress(os.Stderr, "tasks", len(conf.Tasks))
		n := check.Live(ctx, os.Stdout, conf, client, time.Now(), func() {
			bar.step()
			if bar.n == bar.of {
				bar.done()
			}
		})
		if n > 0 {
			noun := "errors"
			if n == 1 {
				noun = "error"
			}
			fmt.Fprintf(os.Stderr, "foresight check: %d %s\n", n, noun)
			return exitCode(1)
		}
		return nil
	}
}
