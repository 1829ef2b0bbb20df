// Package app builds Foresight's object graph from options and runs it until its context ends.
//
// Read app.go from [New] on; history.go reads for the pages what a task has been, within bounds.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/collector"
	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/engine"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/futureapi"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/state"
	"github.com/foresight-exporter/foresight/internal/web"
)

// Options of an App.
type Options struct {
	ConfigFile   string
	Config       []byte // instead of a file
	StoragePath  string // "": what was learnt is not kept
	Shard        fleet.Shard
	Listener     net.Listener // it serves on, and closes
	WebConfig    string       // exporter-toolkit's file for TLS and authentication; "": none
	ExternalURL  string       // under which browsers reach it; "": by the listener's address
	AllowedHosts []string     // that requests may name; none: all
	Query        Query
	Logger       *slog.Logger
}

// Query bounds what the query API answers; zero fields are futureapi's defaults.
type Query struct {
	MaxSamples     int
	Timeout        time.Duration
	MaxConcurrency int
	SeriesLabels   labels.Labels // that the scrape of Foresight adds to every series
}

// App is a Foresight, ready to run.
type App struct {
	options  Options
	log      *slog.Logger
	external *url.URL
	board    *board.Board
	registry *prometheus.Registry
	engine   *engine.Engine
	handler  http.Handler
	unlock   func() // the storage path

	reloadOK   prometheus.Gauge
	reloadTime prometheus.Gauge

	reloading sync.Mutex
	config    atomic.Pointer[config.Config]
	client    atomic.Pointer[source.Client]
}

// New loads the configuration and builds everything, without reading a source or serving yet. It takes the storage path
// for this process until Run has returned.
func New(o Options) (_ *App, err error) {
	a := &App{options: o, log: o.Logger, board: &board.Board{}, registry: prometheus.NewRegistry()}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.external, err = externalURL(o.ExternalURL, o.Listener.Addr()); err != nil {
		return nil, err
	}
	a.reloadOK = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: board.Prefix + "config_last_reload_successful", Help: "Whether the last load of the configuration succeeded.",
	})
	a.reloadTime = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: board.Prefix + "config_last_reload_success_timestamp_seconds", Help: "When the configuration was last loaded.",
	})
	a.registry.MustRegister(a.reloadOK, a.reloadTime, versioncollector.NewCollector("foresight"),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if a.unlock, err = lockStorage(o); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.unlock()
		}
	}()
	a.engine = engine.New(engine.Options{
		Board: a.board, StoragePath: o.StoragePath, Shard: o.Shard, Logger: a.log, Registerer: a.registry,
	})
	if a.handler, err = a.newHandler(); err != nil {
		return nil, err
	}
	c, client, err := a.load()
	if err != nil {
		return nil, err
	}
	a.adopt(c, client)
	return a, nil
}

// lockStorage takes the storage path for this process, so that no two overwrite what the other has learnt.
func lockStorage(o Options) (unlock func(), err error) {
	if o.StoragePath == "" {
		return func() {}, nil
	}
	name := "foresight"
	if n := o.Shard.Count; n > 1 {
		name = fmt.Sprintf("foresight-%d-of-%d", o.Shard.Index, n)
	}
	release, err := state.Lock(o.StoragePath, name)
	if err != nil {
		return nil, err
	}
	return func() { _ = release() }, nil // the end of the process releases it too
}

func externalURL(s string, addr net.Addr) (*url.URL, error) {
	if s == "" {
		host, port, err := net.SplitHostPort(addr.String())
		if err != nil {
			return nil, err
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			if host, err = os.Hostname(); err != nil {
				return nil, err
			}
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the external URL %q is not an absolute http or https URL", s)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// load reads the configuration and builds the client of its source, so that whatever is wrong shows before anything
// is changed.
func (a *App) load() (*config.Config, *source.Client, error) {
	var c *config.Config
	var err error
	if a.options.Config != nil {
		c, err = config.Parse("configuration", a.options.Config)
	} else {
		c, err = config.Load(a.options.ConfigFile)
	}
	if err != nil {
		return nil, nil, err
	}
	client, err := source.New(source.Options{
		URL: c.Source.URL.URL, HTTP: c.Source.HTTP, MaxConcurrentQueries: c.Source.MaxConcurrentQueries,
		Timeout: time.Duration(c.Source.Timeout), Registerer: a.registry, Logger: a.log,
	})
	return c, client, err
}

func (a *App) adopt(c *config.Config, client *source.Client) {
	for _, w := range c.Warnings {
		a.log.Warn("Configuration", "warning", w)
	}
	a.config.Store(c)
	a.client.Store(client)
	a.reloadOK.Set(1)
	a.reloadTime.SetToCurrentTime()
}

// Reload loads the configuration anew. What is wrong with it is returned, and the running one stays.
func (a *App) Reload() error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	c, client, err := a.load()
	if err != nil {
		a.reloadOK.Set(0)
		a.log.Error("The configuration is not reloaded: the running one stays", "err", err)
		return err
	}
	old := a.client.Load()
	a.adopt(c, client)
	a.engine.Apply(c, client)
	old.Close()
	a.log.Info("The configuration is reloaded", "tasks", len(c.Tasks))
	return nil
}

// Ready tells why the app is not ready, nil when it is: every task was evaluated once.
func (a *App) Ready() error {
	waiting := a.engine.Waiting()
	if len(waiting) == 0 {
		return nil
	}
	for _, name := range waiting {
		if s := a.board.Task(name); s != nil && s.Error != "" {
			return errors.New(s.Error)
		}
	}
	return fmt.Errorf("tasks not evaluated yet: %s", strings.Join(waiting, ", "))
}

// Board is what the app publishes.
func (a *App) Board() *board.Board { return a.board }

// URL is where browsers reach the app.
func (a *App) URL() string { return a.external.String() }

// stopTimeout is how long requests may take to end when the app stops.
const stopTimeout = 5 * time.Second

// Run follows the tasks and serves until ctx ends, then keeps what was learnt and returns.
func (a *App) Run(ctx context.Context) error {
	defer a.unlock()
	a.reloading.Lock()
	a.engine.Apply(a.config.Load(), a.client.Load())
	a.reloading.Unlock()
	defer a.engine.Stop()

	server := &http.Server{Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() {
		flags := &toolkit.FlagConfig{WebConfigFile: &a.options.WebConfig}
		failed <- toolkit.Serve(a.options.Listener, server, flags, a.log)
	}()
	a.log.Info("Serving", "url", a.URL())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.log.Info("Stopping")
	end, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		server.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newHandler gives all that the app serves.
func (a *App) newHandler() (http.Handler, error) {
	api, err := futureapi.New(a.board, futureapi.Options{
		Logger: a.log, MaxSamples: a.options.Query.MaxSamples, Timeout: a.options.Query.Timeout,
		MaxConcurrency: a.options.Query.MaxConcurrency, SeriesLabels: a.options.Query.SeriesLabels,
		Build: futureapi.Build{Revision: version.Revision, Branch: version.Branch, User: version.BuildUser, Date: version.BuildDate},
	})
	if err != nil {
		return nil, err
	}
	return web.New(web.Options{
		Board: a.board, Metrics: collector.New(a.board, a.registry, collector.Options{Log: a.log}), API: api,
		Ready: a.Ready, Reload: func(context.Context) error { return a.Reload() },
		Config: a.redacted, Expr: a.expr, History: a.history,
		ExternalURL: a.external, AllowedHosts: a.options.AllowedHosts, Version: version.Version, Log: a.log,
	}), nil
}

func (a *App) redacted() string {
	b, err := a.config.Load().Redacted()
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func (a *App) expr(task string) string {
	for _, t := range a.config.Load().Tasks {
		if t.Name == task {
			return t.Expr
		}
	}
	return ""
}
