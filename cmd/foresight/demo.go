package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"

	"github.com/foresight-exporter/foresight/cmd/foresight/app"
	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/demo"
)

func addDemo(a *kingpin.Application) (string, func() error) {
	c := a.Command("demo", "Show everything at once on an embedded Prometheus: nothing else is needed.")
	listen := c.Flag("demo.listen-address", "Address of the embedded Prometheus.").Default("127.0.0.1:9099").String()
	flags := addServing(c, "127.0.0.1:10780", "", "warn")
	return "demo", func() error {
		ctx, cancel := untilSignal()
		defer cancel()
		log := promslog.New(flags.log)
		fmt.Println("Filling an embedded Prometheus with four weeks of a small company ...")
		d, err := demo.Start(ctx, demo.Options{ListenAddress: *listen, Logger: log})
		if err != nil {
			return err
		}
		defer d.Close()
		o, err := flags.options(ctx, log)
		if err != nil {
			return err
		}
		o.Config = d.Config()
		server, err := app.New(o)
		if err != nil {
			return err
		}
		d.Scrape(o.Listener.Addr().String())
		fmt.Println("Learning what is normal ...")
		go func() {
			if waitReady(ctx, server) {
				show(os.Stdout, server.Board().Snapshots(), server.URL(), d.URL())
			}
		}()
		return server.Run(ctx)
	}
}

func waitReady(ctx context.Context, a *app.App) bool {
	for {
		if len(a.Board().Snapshots()) > 0 && a.Ready() == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// show says what is about to happen and where to look.
func show(w io.Writer, tasks []*board.Snapshot, foresight, prometheus string) {
	fmt.Fprint(w, "\nAbout to happen:\n")
	for _, s := range tasks {
		for _, line := range exhaustions(s) {
			fmt.Fprintln(w, "  "+line)
		}
	}
	fmt.Fprint(w, "\nUnusual now:\n")
	none := true
	for _, s := range tasks {
		scores := s.Column(board.AnomalyScore, "")
		for i := range scores {
			if scores[i] > 1 {
				none = false
				fmt.Fprintf(w, "  %s: %s scores %.2f (above 1 is anomalous)\n", s.Task, subject(&s.Series[i]), scores[i])
			}
		}
	}
	if none {
		fmt.Fprintln(w, "  nothing")
	}
	fmt.Fprintf(w, `
Look at:
  %[1]s            the pages: what runs out, what is unusual, each series with its future
  %[2]s/metrics    what a Prometheus scrapes
  %[3]s             the embedded Prometheus's query API, for Grafana or curl
Or see what a configuration for this Prometheus would be:
  foresight init --source.url=%[3]s --config.file=mine.yml
Press Ctrl-C to end.
`, foresight, foresight, prometheus)
}

// exhaustions tells which series of a task reach their limit more likely than not within the longest time asked for.
func exhaustions(s *board.Snapshot) []string {
	var within []float64
	for _, c := range s.Columns {
		if c.Metric.Name == board.ExhaustionProbability.Name {
			within = c.Values // the last is the longest
		}
	}
	var lines []string
	for i := range within {
		if !(within[i] >= 0.5) {
			continue
		}
		at := func(p string) float64 { return s.Column(board.TimeToExhaustion, p)[i] }
		if at("0.5") == 0 {
			lines = append(lines, fmt.Sprintf("%s: %s is at its limit", s.Task, subject(&s.Series[i])))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s reaches its limit in %s (%s to %s)", s.Task, subject(&s.Series[i]), roughly(at("0.5")), roughly(at("0.1")), roughly(at("0.9"))))
	}
	slices.Sort(lines)
	return lines
}

// subject names a series as people do: a mount point on an instance, else by its labels.
func subject(s *board.Series) string {
	if m, i := s.Labels.Get("mountpoint"), s.Labels.Get("instance"); m != "" && i != "" {
		return m + " on " + i
	}
	var parts []string
	for name, value := range s.Labels.Map() {
		if name != "task" && name != "job" {
			parts = append(parts, name+"="+value)
		}
	}
	if len(parts) == 0 {
		return "the series"
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// roughly gives seconds as people say them: 40 min, 31 h, 5 d.
func roughly(seconds float64) string {
	switch {
	case math.IsInf(seconds, 1):
		return "never"
	case seconds < 2*3600:
		return fmt.Sprintf("%.0f min", seconds/60)
	case seconds < 72*3600:
		return fmt.Sprintf("%.0f h", seconds/3600)
	default:
		return fmt.Sprintf("%.0f d", seconds/86400)
	}
}
