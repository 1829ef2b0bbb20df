package source

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics tell how the source does.
type metrics struct {
	up       prometheus.Gauge
	queries  prometheus.Counter
	failures *prometheus.CounterVec
	duration prometheus.Histogram
	samples  prometheus.Counter
	ahead    prometheus.Gauge
	refused  prometheus.Counter
}

// newMetrics registers the metrics, or takes over those that an earlier client of the same registry left.
func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "foresight_source_up",
			Help: "Whether the source answers: 0 while it can't be reached or no query is answered, be it with an error of the expression.",
		}),
		queries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "foresight_source_queries_total",
			Help: "Queries sent to the source, repeated ones among them.",
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "foresight_source_query_failures_total",
			Help: "Queries that failed, by reason.",
		}, []string{"reason"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "foresight_source_query_duration_seconds",
			Help:    "Time from asking the source to the end of its answer.",
			Buckets: []float64{.005, .02, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
		}),
		samples: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "foresight_source_samples_read_total",
			Help: "Samples read from the source.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "foresight_source_refused_labels_total",
			Help: "Labels of the source that can't be exported, as they have no name, and were left out.",
		}),
		ahead: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "foresight_source_clock_offset_seconds",
			Help: "By how much the clock of the source is ahead of this machine's, as of its last answer.",
		}),
	}
	for _, reason := range reasons {
		m.failures.WithLabelValues(string(reason))
	}
	if r == nil {
		return m, nil
	}
	return m, errors.Join(
		register(r, &m.up), register(r, &m.queries), register(r, &m.failures), register(r, &m.duration), register(r, &m.samples),
		register(r, &m.ahead), register(r, &m.refused),
	)
}

func register[C prometheus.Collector](r prometheus.Registerer, c *C) error {
	err := r.Register(*c)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if existing, ok := there.ExistingCollector.(C); ok {
			*c = existing
			return nil
		}
	}
	return err
}
