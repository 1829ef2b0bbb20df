package engine

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/foresight-exporter/foresight/internal/board"
)

type metrics struct {
	fit        prometheus.Histogram
	evaluation *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		fit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: board.Prefix + "fit_duration_seconds", Help: "Time of one fit of one series.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 10),
		}),
		evaluation: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: board.Prefix + "evaluation_duration_seconds", Help: "Time of one evaluation of a task, reading included.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 10),
		}, []string{"task"}),
	}
	if r != nil {
		r.MustRegister(m.fit, m.evaluation)
	}
	return m
}

func (m *metrics) forget(task string) { m.evaluation.DeleteLabelValues(task) }
