package futureapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// gate bounds how many requests are answered at a time, and how long each may wait and take.
type gate struct {
	free    chan struct{} // a token for each request that is being answered
	timeout time.Duration
}

func (g gate) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), g.timeout)
		defer cancel()
		select {
		case g.free <- struct{}{}:
		default:
			select {
			case g.free <- struct{}{}:
			case <-ctx.Done():
				refuse(w, fmt.Sprintf("%d queries are running, as many as --query.max-concurrency allows, and none has ended in time", cap(g.free)))
				return
			}
		}
		defer func() { <-g.free }()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// refuse answers as Prometheus's API does.
func refuse(w http.ResponseWriter, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusServiceUnavailable)
	body := map[string]string{"status": "error", "errorType": "unavailable", "error": reason}
	_ = json.NewEncoder(w).Encode(body) // the client is gone otherwise
}
