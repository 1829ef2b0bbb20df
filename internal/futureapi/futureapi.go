// Package futureapi answers Prometheus's query API and remote read over the board, for any time from the beginning of
// the history to the longest horizon: the past as it was expected then, the future as it is forecast now.
//
// PromQL, the HTTP handlers and the remote-read protocol are Prometheus's own code over a storage.Queryable of the
// board. foresight_expected and its edges are curves, computed series by series while a query runs and only for the
// series that its matchers leave; the other families of the board hold their value from their origin until now.
//
// Read futureapi.go (what is served), queryable.go and series.go (the board as a storage), candidate.go (who is
// answered), curve.go (the samples of one series), promapi.go and read.go (Prometheus's handlers around it). What keeps
// strangers within bounds is in routes.go, asked.go, gate.go and budget.go.
package futureapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Options of the API. The zero value of each has a default.
type Options struct {
	Logger         *slog.Logger     // default: none
	Now            func() time.Time // default: time.Now
	MaxSamples     int              // a query may hold, and a remote read may answer; default 50,000,000
	Timeout        time.Duration    // of a query; default 2m
	MaxConcurrency int              // queries at a time, others wait; default 20
	SeriesLabels   labels.Labels    // that the scrape of Foresight adds to every series; default: none
	Build          Build            // for /api/v1/status/buildinfo
}

// Build tells what program answers.
type Build struct{ Revision, Branch, User, Date string }

// New returns the handler of /api/v1/. It answers the routes of Prometheus named in docs/future.md; the others do not
// exist. It is safe for concurrent use, also with publications to the board.
func New(b *board.Board, o Options) (http.Handler, error) {
	if o.Logger == nil {
		o.Logger = promslog.NewNopLogger()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxSamples == 0 {
		o.MaxSamples = 50_000_000
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.MaxConcurrency == 0 {
		o.MaxConcurrency = 20
	}
	if o.MaxSamples < 0 || o.Timeout < 0 || o.MaxConcurrency < 0 {
		return nil, fmt.Errorf("limits of queries: %d samples, %v, %d at a time: none may be negative", o.MaxSamples, o.Timeout, o.MaxConcurrency)
	}
	if err := checkSeriesLabels(o.SeriesLabels); err != nil {
		return nil, err
	}
	storage := &queryable{board: b, now: o.Now, seriesLabels: o.SeriesLabels}
	engine := promql.NewEngine(promql.EngineOpts{
		Logger:                   o.Logger,
		MaxSamples:               o.MaxSamples,
		Timeout:                  o.Timeout,
		LookbackDelta:            lookback,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
	})
	bounds := gate{make(chan struct{}, o.MaxConcurrency), o.Timeout}
	query := bounds.guard(prometheusAPI(engine, storage, o))
	read := bounds.guard(readHandler(storage, o))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !allowed(r.Method, r.URL.Path):
			http.NotFound(w, r)
		case r.URL.Path == prefix+"/read":
			read.ServeHTTP(w, r)
		default:
			query.ServeHTTP(w, r)
		}
	}), nil
}

// lookback of an instant query, Prometheus's default.
const lookback = 5 * time.Minute

// checkSeriesLabels refuses labels that no scrape adds to Foresight's series.
func checkSeriesLabels(ls labels.Labels) error {
	return ls.Validate(func(l labels.Label) error {
		switch {
		case !model.UTF8Validation.IsValidLabelName(l.Name) || l.Name == model.MetricNameLabel:
			return fmt.Errorf("series label %q: not a label name", l.Name)
		case l.Name == "task" || l.Name == "job" || l.Name == "instance":
			return fmt.Errorf("series label %q: every series of Foresight has it, so no scrape adds it", l.Name)
		case l.Value == "":
			return fmt.Errorf("series label %q: empty", l.Name)
		}
		return nil
	})
}
