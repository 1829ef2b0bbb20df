package replay

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/foresight-exporter/foresight/internal/board"
)

// store holds series in memory and answers Prometheus's engine. It is not changed while it is queried.
type store struct {
	columns []column // by labels once sorted
}

// column is one series.
type column struct {
	labels labels.Labels
	points points
}

func (s *store) add(ls labels.Labels, p points) { s.columns = append(s.columns, column{ls, p}) }

// present gives the values that are not NaN, the first of them at start.
func present(start, step int64, values []float64) points {
	var out points
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, point{start + int64(i)*step, v})
		}
	}
	return out
}

// named gives a metric of Foresight's the labels of a series.
func named(ls labels.Labels, m board.Metric) labels.Labels {
	return labels.NewBuilder(ls).Set(model.MetricNameLabel, m.Name).Labels()
}

// sort has to be called after the last add. What was added to one series in parts, the older first, becomes one.
func (s *store) sort() {
	slices.SortStableFunc(s.columns, func(a, b column) int { return labels.Compare(a.labels, b.labels) })
	whole := s.columns[:0]
	for _, c := range s.columns {
		if n := len(whole); n > 0 && labels.Equal(whole[n-1].labels, c.labels) {
			whole[n-1].points = append(whole[n-1].points, c.points...)
		} else {
			whole = append(whole, c)
		}
	}
	s.columns = whole
}

// Exported calls visit for each sample that Foresight would have exported, series by series.
func (p *Played) Exported(visit func(ls labels.Labels, t int64, v float64)) {
	for _, c := range p.exported.columns {
		for _, one := range c.points {
			visit(c.labels, one.t, one.v)
		}
	}
}

// has tells whether the store holds a metric.
func (s *store) has(name string) bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.labels.Get(model.MetricNameLabel) == name })
}

// find gives the samples of one series, nil where there is none.
func (s *store) find(ls labels.Labels) points {
	i, ok := slices.BinarySearchFunc(s.columns, ls, func(c column, ls labels.Labels) int { return labels.Compare(c.labels, ls) })
	if !ok {
		return nil
	}
	return s.columns[i].points
}

// Querier implements storage.Queryable.
func (s *store) Querier(int64, int64) (storage.Querier, error) { return &querier{s}, nil }

type querier struct{ store *store }

func (q *querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{}
	for i := range q.store.columns {
		if matches(q.store.columns[i].labels, matchers) {
			set.columns = append(set.columns, &q.store.columns[i])
		}
	}
	return set
}

func matches(ls labels.Labels, matchers []*labels.Matcher) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(ls.Get(m.Name)) })
}

// LabelValues implements storage.LabelQuerier; PromQL does not ask for it.
func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames implements storage.LabelQuerier; PromQL does not ask for it.
func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) Close() error { return nil }

type seriesSet struct {
	columns []*column
	next    int
}

func (s *seriesSet) Next() bool {
	s.next++
	return s.next <= len(s.columns)
}

func (s *seriesSet) At() storage.Series {
	c := s.columns[s.next-1]
	return &storage.SeriesEntry{
		Lset:             c.labels,
		SampleIteratorFn: func(chunkenc.Iterator) chunkenc.Iterator { return storage.NewListSeriesIterator(c.points) },
	}
}

func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// points implements storage.Samples, oldest first.
type points []point

func (p points) Get(i int) chunks.Sample { return p[i] }
func (p points) Len() int                { return len(p) }

// point implements chunks.Sample.
type point struct {
	t int64
	v float64
}

func (p point) T() int64                    { return p.t }
func (p point) F() float64                  { return p.v }
func (p point) Copy() chunks.Sample         { return p }
func (point) ST() int64                     { return 0 }
func (point) H() *histogram.Histogram       { return nil }
func (point) FH() *histogram.FloatHistogram { return nil }
func (point) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
