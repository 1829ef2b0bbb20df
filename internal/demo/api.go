package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/route"
	"github.com/prometheus/common/version"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// apiPaths are the paths of Prometheus's query API that the demo answers, besides /metadata and label values: those
// that read.
var apiPaths = []string{
	"/query", "/query_range", "/series", "/labels", "/format_query", "/parse_query", "/targets", "/status/buildinfo", "/read",
}

const apiPrefix = "/api/v1"

// newHandler serves the query API of the demo; everything else is not found.
func newHandler(d *Demo, engine promql.QueryEngine) http.Handler {
	router := route.New()
	newAPI(d, engine).Register(router)
	api := http.StripPrefix(apiPrefix, router)

	mux := http.NewServeMux()
	for _, path := range apiPaths {
		mux.Handle(apiPrefix+path, api)
	}
	mux.Handle(apiPrefix+"/label/{name}/values", api)
	mux.HandleFunc("GET "+apiPrefix+"/metadata", d.serveMetadata)
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	}
	return mux
}

func newAPI(d *Demo, engine promql.QueryEngine) *v1.API {
	const readSampleLimit, readConcurrency, readFrame = 50_000_000, 10, 1 << 20
	return v1.NewAPI(
		engine, d.db, nil, nil, nil,
		func(context.Context) v1.ScrapePoolsRetriever { return d.scrape.manager },
		func(context.Context) v1.TargetRetriever { return d.scrape.manager },
		nil,
		func() promconfig.Config { return promconfig.DefaultConfig },
		nil, v1.GlobalURLOptions{},
		func(next http.HandlerFunc) http.HandlerFunc { return next },
		nil, "", false, false, 0,
		d.logger, nil,
		readSampleLimit, readConcurrency, readFrame,
		false, nil, nil,
		&v1.PrometheusVersion{Version: "3.0.0-foresight-demo", Revision: version.GetRevision(), GoVersion: version.GoVersion},
		nil, nil, prometheus.NewRegistry(), prometheus.NewRegistry(), nil,
		false, nil, false, false, false, false,
		5*time.Minute, false, false, nil, nil, v1.OpenAPIOptions{}, nil,
	)
}

// serveMetadata answers /api/v1/metadata for the story's metrics, which no target has.
func (d *Demo) serveMetadata(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Type string `json:"type"`
		Help string `json:"help"`
		Unit string `json:"unit"`
	}
	only := r.FormValue("metric")
	data := map[string][]entry{}
	for _, m := range d.story.metrics {
		name := strings.TrimSuffix(m.name, "_bucket")
		if only == "" || slices.Contains([]string{name, m.name}, only) {
			data[name] = []entry{{Type: m.kind, Help: m.help}}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data}); err != nil {
		d.logger.Debug("Metadata was not sent", "err", err)
	}
}
