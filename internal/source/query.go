package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
)

const (
	instantPath = "/api/v1/query"
	rangePath   = "/api/v1/query_range"
)

// query is one question.
type query struct {
	task, expr string
	path       string
	get        bool // by GET; else by POST, where that is allowed
	form       url.Values
	asked      string // when, for messages
	grid       grid
	maxSamples int // 0: no bound
}

func (q *query) question() question { return question{q.task, q.path, q.expr} }

// try asks until there is an answer, a few times, as far as the back-off allows.
func (c *Client) try(ctx context.Context, q query, a *answer) error {
	for i := 0; ; i++ {
		if err := c.backoff.wait(ctx, q.question()); err != nil {
			if ctx.Err() != nil {
				return err
			}
			return c.explain(q, &Error{Reason: ReasonUnavailable, Err: err})
		}
		err := c.ask(ctx, q, a)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return err
		}
		retry := e.Reason == ReasonUnavailable || e.Reason == ReasonMalformed
		if !retry || i == retries {
			return err
		}
	}
}

// getFor is how long a source that did not take a POST is asked by GET.
const getFor = time.Hour

// ask asks once, by POST or, where the source does not take that, by GET. Where that is answered it goes on so for a
// while: what refused the POST may have been in between and be gone.
func (c *Client) ask(ctx context.Context, q query, a *answer) error {
	read := func(resp *http.Response) error { return c.decode(resp, q, a) }
	known := time.Duration(c.onlyGet.Load()) > time.Since(c.created)
	q.get = q.get || known
	err := c.attempt(ctx, q, read)
	e, failed := errors.AsType[*Error](err)
	if failed && errors.Is(e.Err, errMethod) {
		q.get = true
		err = c.attempt(ctx, q, read)
		if e, failed = errors.AsType[*Error](err); err == nil || failed && e.answered() {
			c.onlyGet.Store(int64(time.Since(c.created) + getFor))
		}
	} else if known && failed && !e.answered() {
		c.onlyGet.Store(0)
	}
	return err
}

// attempt sends one request, has its response read, and keeps the books: slots, time, metrics and back-off.
func (c *Client) attempt(ctx context.Context, q query, read func(*http.Response) error) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	start := time.Now()
	c.metrics.queries.Inc()
	err := c.roundTrip(ctx, q, read)
	c.metrics.duration.Observe(time.Since(start).Seconds())
	if err == nil {
		c.answered(q)
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("asking the source: %w", ctx.Err())
	}
	e := c.explain(q, err)
	c.metrics.failures.WithLabelValues(string(e.Reason)).Inc()
	if e.answered() {
		c.answered(q)
		return e
	}
	if c.backoff.failed(q.question(), start, e.retryAfter, e.unreachable, e.Err) {
		c.metrics.up.Set(0)
		c.status.note(true, c.shown, e)
	}
	return e
}

func (c *Client) answered(q query) {
	c.backoff.succeeded(q.question())
	c.metrics.up.Set(1)
	c.status.note(false, c.shown, nil)
}

// roundTrip sends the request and reads the response within the timeout.
func (c *Client) roundTrip(ctx context.Context, q query, read func(*http.Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(ctx, q)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if ahead, ok := c.clock.note(resp); ok {
		c.metrics.ahead.Set(ahead.Seconds())
	}
	return read(resp)
}

func (c *Client) request(ctx context.Context, q query) (*http.Request, error) {
	u, form := c.address(q.path), url.Values{}
	maps.Copy(form, q.form)
	if q.expr != "" {
		form.Set("query", q.expr)
		form.Set("timeout", strconv.FormatFloat(c.timeout.Seconds(), 'f', -1, 64)+"s")
	}
	method, body := http.MethodPost, form.Encode()
	if q.get {
		all := u.Query()
		maps.Copy(all, form)
		method, body, u.RawQuery = http.MethodGet, "", all.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "identity") // compression costs both sides more than a local network
	return req, nil
}

var errMethod = errors.New("POST is not allowed")

// decode reads the answer to a query.
func (c *Client) decode(resp *http.Response, q query, a *answer) error {
	a.reset(q.grid, q.maxSamples)
	wrongMethod := resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusNotImplemented
	if wrongMethod && resp.Request.Method == http.MethodPost {
		return &Error{Reason: ReasonUnavailable, alive: true, Err: errMethod}
	}
	if resp.StatusCode/100 != 2 {
		return c.refusal(resp)
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return &Error{Reason: ReasonMalformed, Err: fmt.Errorf("the answer is encoded as %q, which was not asked for", e)}
	}
	s := c.scanners.get()
	defer c.scanners.put(s)
	s.reset(resp.Body)
	defer s.reset(nil)
	if first := s.peek(); first != '{' && first != 0 {
		start, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return &Error{Reason: ReasonMalformed, Err: notJSON(resp, append(bytes.Clone(s.buf[s.pos:s.end]), start...))}
	}
	if err := a.decode(s); err != nil {
		if errors.Is(err, errTooLarge) {
			return &Error{Reason: ReasonTooLarge, alive: true, Err: err}
		}
		return err
	}
	c.metrics.samples.Add(float64(len(a.samples)))
	c.metrics.refused.Add(float64(a.nameless))
	switch {
	case a.status == "error":
		return &Error{Reason: judge(resp.StatusCode, a.errorType, a.errorText), Err: told(a)}
	case a.status != "success":
		return &Error{Reason: ReasonMalformed, Err: fmt.Errorf("%w: its status is %q", errRefused, a.status)}
	}
	switch a.resultType {
	case "matrix", "vector", "scalar":
		return nil
	case "string":
		return &Error{Reason: ReasonRejected, Err: errors.New("the expression gives a string; want numbers")}
	}
	return &Error{Reason: ReasonMalformed, Err: fmt.Errorf("%w: its result type is %q", errRefused, a.resultType)}
}

// refusal reads a response that is no success.
func (c *Client) refusal(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil && len(body) == 0 {
		return err
	}
	e := &Error{Reason: ReasonUnavailable, retryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	s, a := &scanner{}, &answer{}
	s.reset(bytes.NewReader(body))
	if err := a.decode(s); err != nil || a.status != "error" {
		e.Err = notJSON(resp, body)
		switch resp.StatusCode {
		case http.StatusRequestEntityTooLarge:
			e.Reason = ReasonTooLarge
		case http.StatusGatewayTimeout:
			e.Reason = ReasonTimeout
		case http.StatusBadRequest, http.StatusUnprocessableEntity: // in plain text, as proxies and Mimir tell
			if mt, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); mt != "text/html" {
				e.Reason = judge(resp.StatusCode, "", string(body))
			}
		}
		return e
	}
	e.Err = fmt.Errorf("answered %s, %w", resp.Status, told(a))
	e.Reason = judge(resp.StatusCode, a.errorType, a.errorText)
	e.alive = e.Reason == ReasonTimeout // it was only asked too much
	return e
}

func told(a *answer) error {
	return fmt.Errorf("%s: %s", shortened(a.errorType, 50), shortened(a.errorText, 500))
}

// notJSON describes what came in place of an answer.
func notJSON(resp *http.Response, body []byte) error {
	mt := resp.Header.Get("Content-Type")
	if mt == "" {
		mt = "no content type"
	}
	hint := ""
	if resp.StatusCode == http.StatusNotFound || resp.StatusCode/100 == 2 {
		hint = "; is source.url the root of the query API, with its path prefix?"
	}
	return fmt.Errorf("answered %s with %s in place of JSON: %q%s", resp.Status, shortened(mt, 60), shortened(string(body), 120), hint)
}

// retryAfter reads the header of that name: seconds, of any size, or a date.
func retryAfter(s string, now time.Time) time.Duration {
	n, err := strconv.ParseUint(s, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return min(time.Duration(min(n, 1<<30))*time.Second, longToldTo)
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// explain completes an error with what was asked.
func (c *Client) explain(q query, err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		dial, ok := errors.AsType[*net.OpError](err)
		e = &Error{Reason: reasonOf(err), Err: plainCause(err), unreachable: ok && dial.Op == "dial"}
		if e.Reason == ReasonTimeout {
			e.Err = fmt.Errorf("no whole answer within %s", c.timeout)
		}
	}
	u := c.address(q.path)
	u.RawQuery = ""
	e.Task, e.Expr, e.Asked = q.task, q.expr, config.RedactURL(u)
	if q.asked != "" {
		e.Asked += " " + q.asked
	}
	return e
}

// reasonOf classifies errors of the transport and the scanner.
func reasonOf(err error) Reason {
	var transport *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	case errors.As(err, &transport):
		return ReasonUnavailable
	}
	return ReasonMalformed
}

// plainCause leaves out the address, which is told anyway and may contain secrets.
func plainCause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer was cut off: %w", err)
	}
	return err
}
