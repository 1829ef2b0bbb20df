package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/rules"
)

func addBacktest(a *kingpin.Application) (string, func() error) {
	c := a.Command("backtest", "Replay the history of tasks through forecaster and rules: accuracy, coverage, alarms a week, misses, lead time.")
	b := backtest{
		config:  c.Flag("config.file", "Configuration file.").Default("foresight.yml").String(),
		task:    c.Flag("task", "Replay this task only.").PlaceHolder("NAME").String(),
		output:  c.Flag("output", "How to report: table, json or html.").Default("table").Enum("table", "json", "html"),
		compare: c.Flag("compare-rule", "An existing alerting rule to evaluate on the same history; repeatable.").PlaceHolder("FILE:ALERTNAME").Strings(),
		files:   c.Arg("file", "CSV files (timestamp,value; gzip too) to replay instead of the source's series; needs --task.").Strings(),
	}
	since := model.Duration(28 * 24 * time.Hour)
	c.Flag("since", "How much of the history counts; what is before it is learnt only. Default: 28d.").PlaceHolder("28d").SetValue(&since)
	alarms := c.Flag("max-alarms-per-week", "Exit with 1 where an alert would have fired more often.").Default("NaN").PlaceHolder("3").Float64()
	precision := c.Flag("min-precision", "Exit with 1 where less than this share of an alert's alarms came true.").Default("NaN").PlaceHolder("0.5").Float64()
	return "backtest", func() error {
		b.since, b.gate = time.Duration(since), replay.Gate{MaxAlarmsPerWeek: *alarms, MinPrecision: *precision}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		return b.run(ctx)
	}
}

type backtest struct {
	config, task, output *string
	compare, files       *[]string
	since                time.Duration
	gate                 replay.Gate
}

func (b *backtest) run(ctx context.Context) error {
	conf, err := config.Load(*b.config)
	if err != nil {
		return err
	}
	tasks := conf.Tasks
	if *b.task != "" {
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(t *config.Task) bool { return t.Name != *b.task })
		if len(tasks) == 0 {
			return fmt.Errorf("%s has no task %q", *b.config, *b.task)
		}
	}
	if len(*b.files) > 0 && len(tasks) != 1 {
		return errors.New("files are of one task: name it with --task")
	}
	theirs, err := b.existing()
	if err != nil {
		return err
	}
	set, err := rules.Generate(conf)
	if err != nil {
		return err
	}
	var src replay.Source
	if len(*b.files) == 0 {
		client, err := newSource(conf)
		if err != nil {
			return err
		}
		defer client.Close()
		src = client
	}
	var reports []*replay.Report
	for _, t := range tasks {
		all := replay.Rules(t, set.RuleGroups(t.Name))
		for _, r := range theirs {
			all = append(all, replay.Compare(r, all))
		}
		report, err := b.replay(ctx, src, t, all)
		if err != nil {
			return err
		}
		reports = append(reports, report)
	}
	write := map[string]func() error{
		"table": func() error { return replay.WriteTable(os.Stdout, reports) },
		"json":  func() error { return replay.WriteJSON(os.Stdout, reports) },
		"html":  func() error { return replay.WriteHTML(os.Stdout, reports) },
	}
	if err := write[*b.output](); err != nil {
		return err
	}
	failed := false
	for _, r := range reports {
		for _, line := range b.gate.Check(r) {
			fmt.Fprintf(os.Stderr, "foresight backtest: %s\n", line)
			failed = true
		}
	}
	if failed {
		return exitCode(1)
	}
	return nil
}

func (b *backtest) replay(ctx context.Context, src replay.Source, t *config.Task, all []replay.Rule) (*replay.Report, error) {
	h, err := b.history(ctx, src, t)
	if err != nil {
		return nil, err
	}
	if h.Empty() {
		return nil, fmt.Errorf("task %q: the expression gives no series", t.Name)
	}
	life := replay.Life{From: h.End().Add(-b.since)} // as if Foresight had run for as long as there is history
	bar := newProgress(os.Stderr, "moments of "+t.Name, h.Moments(life))
	played, err := replay.Play(ctx, h, life, all, bar.step)
	bar.done()
	if err != nil {
		return nil, err
	}
	alerts, err := played.Try(ctx, src, all)
	if err != nil {
		return nil, err
	}
	return played.Report(alerts), nil
}

// history reads what counts and, before it, what the task learns from.
func (b *backtest) history(ctx context.Context, src replay.Source, t *config.Task) (*replay.History, error) {
	if src != nil {
		now := time.Now().Add(-time.Duration(*t.QueryOffset))
		return replay.Read(ctx, src, t, now.Add(-b.since-time.Duration(t.History)), now)
	}
	rows := map[string][]source.Sample{}
	for _, path := range *b.files {
		name := source.SeriesName(path)
		if _, ok := rows[name]; ok {
			return nil, fmt.Errorf("two files give a series %q", name)
		}
		s, err := source.ReadCSV(path)
		if err != nil {
			return nil, err
		}
		rows[name] = s
	}
	return replay.FromRows(t, rows)
}

// existing reads the alerting rules to compare with.
func (b *backtest) existing() ([]rulefmt.Rule, error) {
	var out []rulefmt.Rule
	for _, spec := range *b.compare {
		i := strings.LastIndex(spec, ":")
		if i < 0 {
			return nil, fmt.Errorf("--compare-rule=%s: want FILE:ALERTNAME", spec)
		}
		path, name := spec[:i], spec[i+1:]
		groups, errs := rulefmt.ParseFile(path, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
		if len(errs) > 0 {
			return nil, errors.Join(errs...)
		}
		n := len(out)
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				if r.Alert == name {
					out = append(out, r)
				}
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("%s has no alert %q", path, name)
		}
	}
	return out, nil
}

func newSource(c *config.Config) (*source.Client, error) {
	return source.New(source.Options{
		URL: c.Source.URL.URL, HTTP: c.Source.HTTP,
		MaxConcurrentQueries: c.Source.MaxConcurrentQueries, Timeout: time.Duration(c.Source.Timeout),
	})
}
