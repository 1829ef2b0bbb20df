// Package demo is an embedded Prometheus, with its own TSDB and PromQL engine, that holds four weeks of a small
// company and goes on in real time: traffic with days and weeks, a disk that fills, one that only rotates, a leak with
// restarts, an incident in progress. The story is the same function of time and seed at every start.
//
// Read story.go (who lives in the company), resources.go and shapes.go (how they behave); fill.go writes the past,
// scrape.go goes on with the present, api.go answers queries.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
	_ "time/tzdata" // the company's customers live in Europe/Berlin, also where the system has no time zones

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

// Options of a demo.
type Options struct {
	ListenAddress string           // of the embedded Prometheus, such as "127.0.0.1:9099"; port 0: any
	Now           func() time.Time // nil: time.Now; the story starts at its first answer
	Seed          uint64           // another seed: other noise, the same story
	Logger        *slog.Logger     // nil: none
}

// Demo is a running embedded Prometheus.
type Demo struct {
	url     string
	dir     string
	logger  *slog.Logger
	db      *tsdb.DB
	story   *story
	started time.Time

	server *http.Server
	stop   context.CancelFunc
	wg     sync.WaitGroup
	scrape *scraper
}

// Start starts the embedded Prometheus, filled up to now, and gives it when it answers queries. It runs until
// [Demo.Close]; ctx ends the start only.
func Start(ctx context.Context, o Options) (_ *Demo, err error) {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	location, err := time.LoadLocation(timeZone)
	if err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	dir, err := os.MkdirTemp("", "foresight-demo-")
	if err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	d := &Demo{dir: dir, logger: logger, started: now().Truncate(liveStep)}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the demo: %w", err), d.Close())
		}
	}()
	if d.db, err = openDB(dir, logger); err != nil {
		return nil, err
	}
	d.story = newStory(d.started, o.Seed, location)
	w := newWriter(d.story, d.db, d.started.Add(-History).Truncate(historyStep))
	if err := w.write(ctx, d.started.Add(-liveStep).Truncate(historyStep), historyStep); err != nil {
		return nil, err
	}
	if err := w.write(ctx, d.started, liveStep); err != nil {
		return nil, err
	}

	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.ListenAddress)
	if err != nil {
		return nil, err
	}
	d.url = "http://" + listener.Addr().String()
	live, stop := context.WithCancel(context.Background())
	d.stop = stop
	if d.scrape, err = newScraper(d.db, logger); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	engine := promql.NewEngine(promql.EngineOpts{
		Logger: logger, MaxSamples: 50_000_000, Timeout: 2 * time.Minute, LookbackDelta: 5 * time.Minute,
		EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{}),
	})
	d.server = &http.Server{
		Handler:           newHandler(d, engine),
		ReadHeaderTimeout: 10 * time.Second,
	}
	d.wg.Go(func() {
		if err := d.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("The demo's Prometheus stopped answering", "err", err)
		}
	})
	d.wg.Go(func() { d.follow(live, w, now) })
	return d, nil
}

// openDB opens a TSDB whose head holds the whole story, in memory-mapped chunks without a write-ahead log: nothing
// is kept over a restart and nothing is compacted.
func openDB(dir string, logger *slog.Logger) (*tsdb.DB, error) {
	o := tsdb.DefaultOptions()
	o.WALSegmentSize = -1
	o.MinBlockDuration = (2 * span).Milliseconds()
	o.MaxBlockDuration = o.MinBlockDuration
	o.RetentionDuration = o.MinBlockDuration
	o.NoLockfile = true
	return tsdb.Open(filepath.Join(dir, "data"), logger, nil, o, nil)
}

// follow appends the present until the context ends.
func (d *Demo) follow(ctx context.Context, w *writer, now func() time.Time) {
	ticker := time.NewTicker(liveStep)
	defer ticker.Stop()
	for {
		if err := w.write(ctx, now().Truncate(liveStep), liveStep); err != nil && ctx.Err() == nil {
			d.logger.Error("The demo cannot go on", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// URL is where the embedded Prometheus answers.
func (d *Demo) URL() string { return d.url }

// Scrape makes the embedded Prometheus scrape target, such as "127.0.0.1:10780", every 15 seconds with honor_labels,
// as a Prometheus that uses Foresight does. It replaces the target before.
func (d *Demo) Scrape(target string) { d.scrape.follow(target) }

// Close stops everything and deletes the data.
func (d *Demo) Close() error {
	var errs []error
	if d.stop != nil {
		d.stop()
	}
	if d.server != nil {
		errs = append(errs, d.server.Close())
	}
	if d.scrape != nil {
		d.scrape.close()
	}
	d.wg.Wait()
	if d.db != nil {
		errs = append(errs, d.db.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(d.dir))...)
}
