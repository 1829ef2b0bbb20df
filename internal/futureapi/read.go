package futureapi

import (
	"net/http"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage/remote"
)

// frameBytes is the size of a frame of a streamed answer, Prometheus's default.
const frameBytes = 1 << 20

// readHandler answers remote read. A Prometheus that also scrapes Foresight merges what it has stored with what is
// answered here sample by sample, so by default nothing is said of a moment that it may have stored itself: neither
// until the newest origin nor until now. With ?past=true the past is answered too.
func readHandler(q *queryable, o Options) http.Handler {
	noConfig := func() config.Config { return config.Config{} }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := *q
		switch r.URL.Query().Get("past") {
		case "", "false":
			one.futureOnly = true
		case "true":
		default:
			http.Error(w, `parameter "past": true or false`, http.StatusBadRequest)
			return
		}
		// A request may carry many queries, and streams know no limit of samples: so one for the whole request.
		one.budget = &budget{limit: int64(o.MaxSamples)}
		remote.NewReadHandler(o.Logger, nil, &one, noConfig, o.MaxSamples, 1, frameBytes).ServeHTTP(w, r)
	})
}
