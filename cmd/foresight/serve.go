package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/cmd/foresight/app"
	"github.com/foresight-exporter/foresight/internal/fleet"
)

// serving are the flags that serve and demo share.
type serving struct {
	listen, webConfig, external, storage *string
	shard                                *shard
	query                                app.Query
	seriesLabels                         map[string]string
	hosts                                *[]string
	log                                  *promslog.Config
}

func addServing(c *kingpin.CmdClause, listen, storage, level string) *serving {
	s := &serving{
		listen:    c.Flag("web.listen-address", "Address on which metrics, pages and the API are served.").Default(listen).String(),
		webConfig: c.Flag("web.config.file", "Configuration file of exporter-toolkit for TLS and authentication.").Default("").String(),
		external:  c.Flag("web.external-url", "URL under which browsers reach Foresight, with its path if behind a proxy.").Default("").String(),
		hosts: c.Flag("web.allowed-host", "A host that requests may name, against DNS rebinding; repeatable. Addresses, localhost and the host of --web.external-url are allowed too; without this flag, all are.").
			PlaceHolder("HOST").Strings(),
		storage: c.Flag("storage.path", "Directory in which what was learnt is kept across restarts; empty: nowhere.").Default(storage).String(),
		shard:   new(shard),
		log:     new(promslog.Config),
	}
	c.Flag("shard", "Follow only the i-th of n parts of the series, i from 0.").PlaceHolder("i/n").SetValue(s.shard)
	c.Flag("query.max-samples", "Samples that one query of the API may hold in memory.").Default("50000000").IntVar(&s.query.MaxSamples)
	c.Flag("query.timeout", "Time that one query of the API may take.").Default("2m").DurationVar(&s.query.Timeout)
	c.Flag("query.max-concurrency", "Queries of the API that are answered at a time.").Default("20").IntVar(&s.query.MaxConcurrency)
	c.Flag("web.series-label", "A label that the scrape of Foresight adds to its series, so that the API's carry it too; repeatable.").
		PlaceHolder("name=value").StringMapVar(&s.seriesLabels)
	s.log.Level, s.log.Format = promslog.NewLevel(), promslog.NewFormat()
	c.Flag(promslogflag.LevelFlagName, promslogflag.LevelFlagHelp).Default(level).HintOptions(promslog.LevelFlagOptions...).SetValue(s.log.Level)
	c.Flag(promslogflag.FormatFlagName, promslogflag.FormatFlagHelp).Default("logfmt").HintOptions(promslog.FormatFlagOptions...).SetValue(s.log.Format)
	return s
}

// shard is the value of a flag such as 0/3.
type shard struct{ fleet.Shard }

func (s *shard) Set(text string) error {
	left, right, _ := strings.Cut(text, "/")
	i, err1 := strconv.ParseUint(left, 10, 32)
	n, err2 := strconv.ParseUint(right, 10, 32)
	if err1 != nil || err2 != nil || i >= n || n > fleet.Partitions {
		return fmt.Errorf("the shard %q is not of the form i/n with i below n, and n at most %d", text, fleet.Partitions)
	}
	s.Index, s.Count = i, n
	return nil
}

func (s *shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// options listens, and gives the options of an app with these flags.
func (s *serving) options(ctx context.Context, log *slog.Logger) (app.Options, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", *s.listen)
	if err != nil {
		return app.Options{}, err
	}
	s.query.SeriesLabels = labels.FromMap(s.seriesLabels)
	return app.Options{
		Query:       s.query,
		StoragePath: *s.storage, Shard: s.shard.Shard, Listener: l, WebConfig: *s.webConfig, ExternalURL: *s.external,
		AllowedHosts: *s.hosts, Logger: log,
	}, nil
}

// untilSignal gives a context that ends with an interrupt or a termination.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// collectOften keeps the process near the size of what it has learnt, unless GOGC says otherwise: that is long-lived and
// almost free of pointers, so collecting more often costs little.
func collectOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(10)
	}
}

func addServe(a *kingpin.Application) (string, func() error) {
	c := a.Command("serve", "Follow the configured tasks and serve metrics, pages and the API. The default.").Default()
	file := c.Flag("config.file", "Configuration file.").Default("foresight.yml").String()
	flags := addServing(c, ":10780", "data", "info")
	return "serve", func() error {
		collectOften()
		ctx, cancel := untilSignal()
		defer cancel()
		log := promslog.New(flags.log)
		o, err := flags.options(ctx, log)
		if err != nil {
			return err
		}
		o.ConfigFile = *file
		server, err := app.New(o)
		if err != nil {
			return err
		}
		hup := make(chan os.Signal, 1)
		signal.Notify(hup, syscall.SIGHUP)
		go func() {
			for range hup {
				_ = server.Reload() // it logs
			}
		}()
		return server.Run(ctx)
	}
}
