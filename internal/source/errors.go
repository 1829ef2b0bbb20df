package source

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// What errors of the client are, for errors.Is. An error that is neither comes from the caller: its context ended, or
// its function failed.
var (
	// ErrRejected: the source answered that it cannot evaluate the expression; asking again before the expression,
	// the data or the source's limits change is in vain.
	ErrRejected = errors.New("rejected by the source")
	// ErrUnavailable: the source did not answer, or not sensibly. The client has backed off and goes on doing so.
	ErrUnavailable = errors.New("source unavailable")
)

// Error says what was asked for which task and what came of it.
type Error struct {
	Task, Expr string // "": none
	Asked      string // address and time, without secrets
	Reason     Reason
	Err        error

	retryAfter  time.Duration
	alive       bool // the source answered sensibly, though not what was wanted
	unreachable bool // no connection was made
}

// answered reports whether the source did its part.
func (e *Error) answered() bool { return e.alive || errors.Is(e, ErrRejected) }

// Reason classifies failed queries; it is the label `reason` of foresight_source_query_failures_total.
type Reason string

// The reasons.
const (
	ReasonRejected    Reason = "rejected"    // an invalid expression, or one that cannot be evaluated
	ReasonTooLarge    Reason = "too_large"   // beyond a limit of the source or of ours
	ReasonTimeout     Reason = "timeout"     // no whole answer in time
	ReasonMalformed   Reason = "malformed"   // not an answer of the query API, or cut off
	ReasonUnavailable Reason = "unavailable" // no connection, not allowed, overloaded or broken
)

var reasons = []Reason{ReasonRejected, ReasonTooLarge, ReasonTimeout, ReasonMalformed, ReasonUnavailable}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Task != "" {
		fmt.Fprintf(&b, "task %q: ", e.Task)
	}
	b.WriteString("asking " + e.Asked)
	if e.Expr != "" {
		b.WriteString(" for " + shortened(e.Expr, 200))
	}
	fmt.Fprintf(&b, ": %s", e.Err)
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is tells which of [ErrRejected] and [ErrUnavailable] the error is.
func (e *Error) Is(target error) bool {
	switch e.Reason {
	case ReasonRejected, ReasonTooLarge:
		return target == ErrRejected
	default:
		return target == ErrUnavailable
	}
}

// tooMuch are words by which sources tell that a smaller question would be answered: Prometheus, Thanos, Mimir and
// Cortex, VictoriaMetrics.
var tooMuch = []string{
	"too many samples", "exceeded maximum resolution", "query time range exceeds", "the query time range", "err-mimir-max-",
	"exceeds the limit", "exceeded the maximum", "too many points", "too many data points", "search.max", "exceeded limit",
	"received message larger than max", "response too large", "maxsamples",
}

// judge classifies an error that a source told in the format of the query API.
func judge(status int, errorType, text string) Reason {
	lower := strings.ToLower(text)
	for _, s := range tooMuch {
		if strings.Contains(lower, s) {
			return ReasonTooLarge
		}
	}
	switch {
	case errorType == "timeout" || status == http.StatusGatewayTimeout || strings.Contains(lower, "query timed out"):
		return ReasonTimeout
	case status == http.StatusTooManyRequests || status >= 500 && errorType != "bad_data" && errorType != "execution":
		return ReasonUnavailable
	case errorType == "bad_data" || errorType == "execution" || errorType == "422" || errorType == "400":
		return ReasonRejected
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return ReasonRejected
	}
	return ReasonUnavailable
}

// shortened makes text fit for a message: one line, of at most n bytes.
func shortened(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}
