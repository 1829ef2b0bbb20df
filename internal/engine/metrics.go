package engine

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/foresight-exporter/foresight/internal/board"
)

type metrics struct {
	fit        prometheus.Histogram
	evaluation *prometheus.HistogramVec
	warnings   *prometheus.CounterVec
	saved      prometheus.Gauge
	notSaved   prometheus.Counter
}

func newMetrics(r prometheus.Registerer, keeps bool) *metrics {
	m := &metrics{
		fit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: board.Prefix + "fit_duration_seconds", Help: "Time of one fit of one series.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 10),
		}),
		evaluation: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: board.Prefix + "evaluation_duration_seconds", Help: "Time of one evaluation of a task, reading included.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 10),
		}, []string{"task"}),
		warnings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: board.Prefix + "source_warnings_total",
			Help: "Warnings of the source, such as of a partial answer, and about what was left out of its answers.",
		}, []string{"task"}),
		saved: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: board.Prefix + "state_last_save_success_timestamp_seconds",
			Help: "When what was learnt, or a part of it, was last saved, or had not changed; 0 where nothing is kept.",
		}),
		notSaved: prometheus.NewCounter(prometheus.CounterOpts{
			Name: board.Prefix + "state_save_failures_total", Help: "Parts of what was learnt that could not be saved.",
		}),
	}
	if keeps {
		m.saved.SetToCurrentTime() // nothing is learnt yet
	}
	if r != nil {
		r.MustRegister(m.fit, m.evaluation, m.warnings, m.saved, m.notSaved)
	}
	return m
}

func (m *metrics) forget(task string) {
	m.evaluation.DeleteLabelValues(task)
	m.warnings.DeleteLabelValues(task)
}
