package futureapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// gate bounds how many requests are answered at a time, and how long each may wait and take.
type gate struct {
	free    chan struct{} // a token for each request that is being answered
	timeout time.Duration
}

// Bounds of what is asked, which is read before it takes a place among the requests that are answered: one that comes
// ever so slowly keeps nobody out.
const (
	mostBody = 2 << 20 // bytes; no query that a person or a rule asks is nearly as long
	bodyTime = 30 * time.Second
)

func (g gate) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Site") {
		case "cross-site", "same-site":
			refuse(w, http.StatusForbidden, "forbidden", errCrossSite.Error())
			return
		}
		var body []byte
		if r.ContentLength != 0 {
			control := http.NewResponseController(w)
			limited := control.SetReadDeadline(time.Now().Add(bodyTime)) == nil
			var err error
			body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
			if err != nil {
				refuse(w, http.StatusBadRequest, "bad_data", fmt.Sprintf("reading the request: %v", err))
				return
			}
			if limited {
				_ = control.SetReadDeadline(time.Time{}) // the connection has gone otherwise, which shows soon
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		if err := check(r, body); err != nil {
			refuse(w, http.StatusBadRequest, "bad_data", err.Error())
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
		defer cancel()
		select {
		case g.free <- struct{}{}:
		default:
			select {
			case g.free <- struct{}{}:
			case <-ctx.Done():
				refuse(w, http.StatusServiceUnavailable, "unavailable", fmt.Sprintf("%d queries are running, as many as --query.max-concurrency allows, and none has ended in time", cap(g.free)))
				return
			}
		}
		defer func() { <-g.free }()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// check refuses what asks for more than is worked on.
func check(r *http.Request, body []byte) error {
	if r.URL.Path == prefix+"/read" {
		if len(body) == 0 {
			return nil // the handler says what is missing
		}
		return checkRead(body)
	}
	return checkExpressions(r)
}

// refuse answers as Prometheus's API does.
func refuse(w http.ResponseWriter, status int, errorType, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body := map[string]string{"status": "error", "errorType": errorType, "error": reason}
	_ = json.NewEncoder(w).Encode(body) // the client is gone otherwise
}
