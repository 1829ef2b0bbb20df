package futureapi

import (
	"context"
	"net/http"
	"runtime"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"

	"github.com/foresight-exporter/foresight/internal/board"
)

// prometheusVersion is that of the Prometheus whose API this is. Grafana chooses by it what it asks.
const prometheusVersion = "3.15.0"

// prometheusAPI gives all of Prometheus's routes over the storage. Those behind which there is nothing here panic or
// expose what is not Foresight's: the caller lets only the allowed through.
func prometheusAPI(engine *promql.Engine, q storage.SampleAndChunkQueryable, o Options) http.Handler {
	targets := func(context.Context) apiv1.TargetRetriever { return newTargets() }
	api := apiv1.NewAPI(
		engine, q,
		nil, nil, // appenders
		nil,     // exemplars
		nil,     // scrape pools
		targets, // for metadata
		nil,     // Alertmanagers
		func() config.Config { return config.Config{} },
		nil, // flags
		apiv1.GlobalURLOptions{},
		func(f http.HandlerFunc) http.HandlerFunc { return f },
		nil, "", // TSDB
		false,    // admin
		false, 0, // search
		o.Logger,
		nil,                                       // rules
		o.MaxSamples, o.MaxConcurrency, 1024*1024, // remote read: not routed here
		false,                      // agent
		regexp.MustCompile(`^\b$`), // no other origin's scripts
		nil,                        // runtime info
		&apiv1.PrometheusVersion{
			Version: prometheusVersion, Revision: o.Build.Revision, Branch: o.Build.Branch,
			BuildUser: o.Build.User, BuildDate: o.Build.Date, GoVersion: runtime.Version(),
		},
		nil, nil, // notifications
		nil, nil, // gatherer, registerer
		nil,        // stats renderer
		false, nil, // remote write
		false, false, false, // OTLP
		false, // start timestamps
		lookback,
		false, false, nil, nil,
		apiv1.OpenAPIOptions{},
		parser.NewParser(parser.Options{}),
	)
	api.ClearCodecs()
	api.InstallCodec(codec{})
	r := route.New()
	api.Register(r.WithPrefix(prefix))
	return r
}

// targets is one target that knows the metadata of the board's metrics.
type targets struct{ target *scrape.Target }

func newTargets() targets {
	t := scrape.NewTarget(labels.EmptyLabels(), &config.ScrapeConfig{}, nil, nil)
	t.SetMetadataStore(boardMetadata{})
	return targets{t}
}

func (t targets) TargetsActive() map[string][]*scrape.Target {
	return map[string][]*scrape.Target{"foresight": {t.target}}
}
func (targets) TargetsDropped() map[string][]*scrape.Target { return nil }
func (targets) TargetsDroppedCounts() map[string]int        { return nil }
func (targets) ScrapePoolConfig(string) (*config.ScrapeConfig, error) {
	return &config.ScrapeConfig{}, nil
}

// boardMetadata is the metadata of every metric that the board can hold.
type boardMetadata struct{}

func (boardMetadata) ListMetadata() []scrape.MetricMetadata {
	var all []scrape.MetricMetadata
	for _, families := range [][]board.Metric{board.SeriesMetrics, board.TaskMetrics} {
		for _, m := range families {
			all = append(all, metadataOf(m))
		}
	}
	return all
}

func (b boardMetadata) GetMetadata(name string) (scrape.MetricMetadata, bool) {
	for _, m := range b.ListMetadata() {
		if m.MetricFamily == name {
			return m, true
		}
	}
	return scrape.MetricMetadata{}, false
}

func (boardMetadata) SizeMetadata() int     { return 0 }
func (b boardMetadata) LengthMetadata() int { return len(b.ListMetadata()) }

func metadataOf(m board.Metric) scrape.MetricMetadata {
	kind := model.MetricTypeGauge
	if m.Counter {
		kind = model.MetricTypeCounter
	}
	return scrape.MetricMetadata{MetricFamily: m.Name, Type: kind, Help: m.Help}
}
