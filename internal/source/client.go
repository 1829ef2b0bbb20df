// Package source reads series from any server with the query API of Prometheus, and from CSV files.
//
// Read client.go, read.go (ranges cut into slices that the source can bear), query.go (one request, asked again where
// that helps), answer.go (what comes back) over scan.go, text.go and value.go (JSON from a stream), backoff.go and
// errors.go.
package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"github.com/foresight-exporter/foresight/internal/config"
)

// Options of a client.
type Options struct {
	URL                  *url.URL // of the server, with a path prefix where it has one; its query is added to every question
	HTTP                 commonconfig.HTTPClientConfig
	MaxConcurrentQueries int                   // 0: 4
	Timeout              time.Duration         // of one query; 0: 2 minutes
	Registerer           prometheus.Registerer // of foresight_source_*; nil: none. A registry may serve clients one after the other
	Logger               *slog.Logger          // told when the source goes away and comes back; nil: nobody
}

// Client reads series from one server. It is safe for concurrent use; all its users share the bound on concurrent
// queries and the back-off from a source that is away; a query that fails while others are answered has one of its own.
type Client struct {
	url      *url.URL
	shown    string // url without secrets
	http     *http.Client
	timeout  time.Duration
	most     int // samples in a slice of several moments
	slots    chan struct{}
	backoff  backoff
	clock    clock
	metrics  *metrics
	status   status
	created  time.Time
	onlyGet  atomic.Int64 // until then, since created: the source takes no POST
	answers  pool[answer]
	scanners pool[scanner]
}

// pool keeps memory for reuse.
type pool[T any] struct{ p sync.Pool }

func (p *pool[T]) get() *T {
	if x, ok := p.p.Get().(*T); ok {
		return x
	}
	return new(T)
}

func (p *pool[T]) put(x *T) { p.p.Put(x) }

// New returns a client. It does not ask the source anything yet.
func New(o Options) (*Client, error) {
	hc, err := commonconfig.NewClientFromConfig(o.HTTP, "foresight_source", commonconfig.WithUserAgent("foresight/"+version.Version))
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	if o.HTTP.FollowRedirects {
		hc.CheckRedirect = checkRedirect
	}
	return newClient(o, hc)
}

func newClient(o Options, hc *http.Client) (*Client, error) {
	if o.URL == nil || o.URL.Host == "" {
		return nil, errors.New("source: no address")
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("source: registering metrics: %w", err)
	}
	if o.MaxConcurrentQueries <= 0 {
		o.MaxConcurrentQueries = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Client{
		url: o.URL, shown: config.RedactURL(o.URL), http: hc, timeout: o.Timeout, most: maxSamples,
		slots: make(chan struct{}, o.MaxConcurrentQueries), metrics: m,
		status: status{log: o.Logger}, created: time.Now(),
	}, nil
}

// checkRedirect refuses redirects that lose the question, which is in the body, and those to another server, which would
// get the secrets that are sent with each question and whose answer nobody has asked for.
func checkRedirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer") // it would tell the query of the address, which may be a token
	switch {
	case via[0].URL.Scheme != req.URL.Scheme || via[0].URL.Host != req.URL.Host:
		return fmt.Errorf("redirected to another server, %s; if that is right, use it as source.url", config.RedactURL(req.URL))
	case via[0].Method != req.Method:
		return fmt.Errorf("redirected to %s, which drops the question; use that as source.url", config.RedactURL(req.URL))
	case len(via) >= 10:
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Ping asks the source for a constant: nil means that it answers queries.
func (c *Client) Ping(ctx context.Context) error {
	a := c.answers.get()
	defer c.answers.put(a)
	return c.try(ctx, query{path: instantPath, expr: "vector(1)", form: url.Values{}}, a)
}

// BuildInfo gives the version that the source says it has, such as "2.42.0", "" where it does not tell.
func (c *Client) BuildInfo(ctx context.Context) (string, error) {
	q := query{path: "/api/v1/status/buildinfo", get: true}
	var info struct {
		Data struct {
			Version string `json:"version"`
		} `json:"data"`
	}
	err := c.attempt(ctx, q, func(resp *http.Response) error {
		if resp.StatusCode == http.StatusNotFound {
			return nil
		}
		if resp.StatusCode != http.StatusOK {
			return c.refusal(resp)
		}
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxText)).Decode(&info); err != nil {
			return &Error{Reason: ReasonMalformed, Err: err}
		}
		return nil
	})
	return info.Data.Version, err
}

// address of an endpoint, below the prefix of the source's URL.
func (c *Client) address(path string) *url.URL {
	u := *c.url
	u.Path = strings.TrimRight(u.Path, "/") + path
	u.RawPath = ""
	return &u
}
