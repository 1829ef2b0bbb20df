package replay

import (
	"context"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/foresight-exporter/foresight/internal/board"
)

// store holds series in memory and answers Prometheus's engine. It is not changed while it is queried.
type store struct {
	series []promql.Series // by labels once sorted
}

func (s *store) add(ls labels.Labels, values []promql.FPoint) {
	s.series = append(s.series, promql.Series{Metric: ls, Floats: values})
}

// named gives a metric of Foresight's the labels of a series.
func named(ls labels.Labels, m board.Metric) labels.Labels {
	return labels.NewBuilder(ls).Set(model.MetricNameLabel, m.Name).Labels()
}

// sort has to be called after the last add. What was added to one series in parts, the older first, becomes one.
func (s *store) sort() {
	slices.SortStableFunc(s.series, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	whole := s.series[:0]
	for _, one := range s.series {
		if n := len(whole); n > 0 && labels.Equal(whole[n-1].Metric, one.Metric) {
			whole[n-1].Floats = append(whole[n-1].Floats, one.Floats...)
		} else {
			whole = append(whole, one)
		}
	}
	s.series = whole
}

// Exported calls visit for each sample that Foresight would have exported, series by series.
func (p *Played) Exported(visit func(ls labels.Labels, t int64, v float64)) {
	for _, s := range p.exported.series {
		for _, x := range s.Floats {
			visit(s.Metric, x.T, x.F)
		}
	}
}

// has reports whether the store holds a metric.
func (s *store) has(name string) bool {
	return slices.ContainsFunc(s.series, func(x promql.Series) bool { return x.Metric.Get(model.MetricNameLabel) == name })
}

// find gives the samples of one series, nil where there is none.
func (s *store) find(ls labels.Labels) []promql.FPoint {
	i, ok := slices.BinarySearchFunc(s.series, ls, func(x promql.Series, ls labels.Labels) int { return labels.Compare(x.Metric, ls) })
	if !ok {
		return nil
	}
	return s.series[i].Floats
}

// Querier implements storage.Queryable.
func (s *store) Querier(int64, int64) (storage.Querier, error) {
	return &querier{storage.NoopQuerier(), s}, nil
}

// querier selects series; PromQL asks for nothing else.
type querier struct {
	storage.Querier
	store *store
}

func (q *querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{}
	for _, s := range q.store.series {
		if !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.Metric.Get(m.Name)) }) {
			set.left = append(set.left, s)
		}
	}
	return set
}

type seriesSet struct {
	left []promql.Series
	at   promql.Series
}

func (s *seriesSet) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.at, s.left = s.left[0], s.left[1:]
	return true
}

func (s *seriesSet) At() storage.Series              { return promql.NewStorageSeries(s.at) }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }
