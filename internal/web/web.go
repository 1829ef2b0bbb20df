// Package web serves Foresight's pages, the JSON behind them, health, readiness and reload. It shows the board and
// takes everything else through the functions in [Options]. The pages need no script and load nothing from elsewhere.
//
// Read web.go (the routes), pages.go (templates), rows.go (tables of series), series.go and draw.go (the page of one
// series), api.go (JSON) and ops.go (health, readiness, reload).
package web

import (
	"context"
	"embed"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/plot"
)

// Options are what the pages show and where they get it from. Board and Metrics must be set.
type Options struct {
	Board   *board.Board
	Metrics http.Handler                // answers /metrics
	API     http.Handler                // answers /api/v1/*, prefix stripped; nil: there is none
	Ready   func() error                // why Foresight isn't ready; nil: it is
	Reload  func(context.Context) error // loads the configuration anew; where that fails, the old one stays
	Config  func() string               // the running configuration as YAML, without secrets
	Expr    func(task string) string    // the task's PromQL expression; "": unknown
	History History                     // observed samples for the charts

	ExternalURL  *url.URL // under which users reach Foresight; nil: the root of whatever host they name
	AllowedHosts []string // that requests may name, beside addresses, localhost and that of ExternalURL; none: all
	Version      string
	Log          *slog.Logger
	Now          func() time.Time
}

// History reads the observed samples of one series of a task at multiples of step in [from, to] (Unix milliseconds),
// oldest first; a missing sample is left out. It is called while somebody waits and must heed ctx.
type History func(ctx context.Context, task string, series labels.Labels, from, to int64, step time.Duration) ([]Sample, error)

// Sample is one observed value, T in Unix milliseconds.
type Sample struct {
	T int64
	V float64
}

//go:embed templates static
var files embed.FS

type server struct {
	Options
	prefix string // of the path, without a slash at its end
	pages  map[string]*template.Template
}

// New returns the handler of all routes. It answers under the path of the external URL, as links have it, and without
// that path too, for proxies that strip it and for probes that don't know it.
func New(o Options) http.Handler {
	s := &server{Options: o}
	if o.ExternalURL != nil {
		s.prefix = strings.TrimRight(o.ExternalURL.Path, "/")
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Ready == nil {
		s.Ready = func() error { return nil }
	}
	s.pages = parsePages(s.prefix)
	hosts := o.AllowedHosts
	if len(hosts) > 0 && o.ExternalURL != nil {
		hosts = append(slices.Clip(hosts), o.ExternalURL.Host)
	}
	return onlyHosts(hosts, s.stripPrefix(secure(onlyOurs(s.routes()))))
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.Metrics)
	mux.HandleFunc("GET /{$}", s.landing)
	mux.HandleFunc("GET /tasks", s.task)
	mux.HandleFunc("GET /series", s.series)
	mux.HandleFunc("GET /config", s.config)
	mux.Handle("GET /static/", http.FileServerFS(files))
	mux.HandleFunc("GET /static/plot.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		io.WriteString(w, plot.CSS)
	})
	mux.HandleFunc("GET /api/foresight/v1/tasks", s.apiTasks)
	mux.HandleFunc("GET /api/foresight/v1/series", s.apiSeries)
	mux.HandleFunc("GET /-/healthy", s.healthy)
	mux.HandleFunc("GET /-/ready", s.ready)
	reload := http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.reload))
	mux.Handle("POST /-/reload", reload)
	mux.Handle("PUT /-/reload", reload)
	if s.API != nil {
		mux.Handle("/api/v1/", s.API)
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

func (s *server) stripPrefix(next http.Handler) http.Handler {
	if s.prefix == "" {
		return next
	}
	stripped := http.StripPrefix(s.prefix, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == s.prefix:
			http.Redirect(w, r, s.prefix+"/", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, s.prefix+"/"):
			stripped.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// secure lets browsers run and load nothing but the own style sheet and icon.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
