// Package collector exposes the board as Prometheus metrics. A scrape reads published snapshots only: it never asks a
// source, never waits for an evaluation and fits nothing. Labels are rendered once and kept, so that a scrape copies
// text and formats numbers.
//
// Read collector.go (a scrape from beginning to end), writer.go (families, line by line), table.go (the labels of a
// task's series as text), names.go (label names that are free to use); unsent.go bounds what waits for slow clients.
package collector

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Options of a Collector. The zero value is ready for use.
type Options struct {
	Log           *slog.Logger // told of failures of the gatherer; nil: nobody
	MaxConcurrent int          // scrapes answered at once, beyond which 503 is; 0: 40
}

// Collector answers scrapes with the metrics of a board and of the program itself, in the text format 0.0.4 or in
// OpenMetrics, as Accept asks. It is safe for concurrent use.
type Collector struct {
	board   *board.Board
	self    prometheus.Gatherer
	log     *slog.Logger
	slots   chan struct{}
	tables  tables
	writers sync.Pool // of *writer
	zips    sync.Pool // of *gzip.Writer
	unsent  unsent
}

// New returns a Collector of b. The metrics of self follow those of the board in each scrape; where gathering them
// fails, what was gathered and all of the board is still exposed. self may be nil.
func New(b *board.Board, self prometheus.Gatherer, o Options) *Collector {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = 40
	}
	return &Collector{board: b, self: self, log: o.Log, slots: make(chan struct{}, o.MaxConcurrent)}
}

// ServeHTTP answers one scrape.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case c.slots <- struct{}{}:
	default:
		http.Error(w, fmt.Sprintf("already answering %d scrapes, try again later", cap(c.slots)), http.StatusServiceUnavailable)
		return
	}

	format := negotiate(r.Header)
	zipped := acceptsGzip(r.Header.Values("Accept-Encoding"))
	body := c.render(format, zipped)

	// The place is free again: one that reads slowly keeps nobody from being answered.
	h := w.Header()
	h.Set("Content-Type", string(format))
	h.Add("Vary", "Accept, Accept-Encoding")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if zipped {
		h.Set("Content-Encoding", "gzip")
	}
	control := http.NewResponseController(w)
	if control.SetWriteDeadline(time.Now().Add(scrapeTimeout(r.Header))) == nil {
		// A later request on the connection starts without one.
		defer func() { _ = control.SetWriteDeadline(time.Time{}) }()
	}

	leave := c.unsent.enter(len(body), func() { _ = control.SetWriteDeadline(time.Now()) })
	defer leave()
	_, _ = w.Write(body) // fails when the client has gone, which there is nobody to tell
}

// render gives the whole answer and then the place of the scrape back, also after a panic.
func (c *Collector) render(format expfmt.Format, zipped bool) []byte {
	defer func() { <-c.slots }()
	var body bytes.Buffer
	if !zipped {
		c.write(&body, format)
		return body.Bytes()
	}
	z := c.zip(&body)
	defer c.zips.Put(z)
	c.write(z, format)
	_ = z.Close() // a buffer takes all
	return body.Bytes()
}

// write renders the whole exposition. Errors are those of out: the client has gone.
func (c *Collector) write(out io.Writer, format expfmt.Format) {
	w, ok := c.writers.Get().(*writer)
	if !ok {
		w = &writer{buf: make([]byte, 0, bufferSize)}
	}
	defer c.writers.Put(w)
	w.reset(out, format.FormatType() == expfmt.TypeOpenMetrics)
	defer w.reset(nil, false)

	snapshots := c.board.Snapshots()
	scheme := format.ToEscapingScheme()
	w.board(snapshots, c.tables.of(snapshots, scheme), scheme)
	c.writeSelf(w, format)
	if w.openMetrics {
		w.buf = append(w.buf, "# EOF\n"...)
	}
	w.flush()
}

// writeSelf renders the program's own metrics. What could not be gathered is missing from the answer and logged.
func (c *Collector) writeSelf(w *writer, format expfmt.Format) {
	if c.self == nil {
		return
	}
	families, err := c.self.Gather()
	if err != nil {
		c.log.Error("Gathering Foresight's own metrics failed, some are missing from the scrape", "err", err)
	}
	encoder := expfmt.NewEncoder(w, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			if w.err == nil {
				c.log.Error("Encoding one of Foresight's own metrics failed", "metric", family.GetName(), "err", err)
			}
			return
		}
	}
}

func (c *Collector) zip(w io.Writer) *gzip.Writer {
	if z, ok := c.zips.Get().(*gzip.Writer); ok {
		z.Reset(w)
		return z
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}

// negotiate picks the format that Accept prefers. The plain text format comes first, so that people and tools that
// take anything get it.
func negotiate(h http.Header) expfmt.Format {
	return expfmt.NegotiateAccept(h, expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeOpenMetrics), openMetrics001)
}

const openMetrics001 = expfmt.Format(expfmt.OpenMetricsType + "; version=" + expfmt.OpenMetricsVersion_0_0_1 + "; charset=utf-8")

// acceptsGzip tells whether the client takes a gzip body.
func acceptsGzip(accept []string) bool {
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			_, q, found := strings.Cut(params, "q=")
			weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			return !found || err != nil || weight > 0
		}
	}
	return false
}

// patience is how long a client that doesn't say how long it waits may take to read an answer: one that reads it ever so
// slowly must not hold memory for ever.
const patience = 2 * time.Minute

// scrapeTimeout is how long the scraping Prometheus says it waits, at most patience: a header is a stranger's word.
func scrapeTimeout(h http.Header) time.Duration {
	seconds, err := strconv.ParseFloat(h.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || !(seconds > 0 && seconds < patience.Seconds()) {
		return patience
	}
	return time.Duration(seconds * float64(time.Second))
}
