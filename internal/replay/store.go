package replay

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// store holds series of one grid in memory and answers Prometheus's engine. It is not changed while it is queried.
type store struct {
	start, step int64
	columns     []column // by labels once sorted
}

// column is one series: a value for each moment of the grid, NaN where it was not exported.
type column struct {
	labels labels.Labels
	values []float64
}

func (s *store) add(ls labels.Labels, values []float64) {
	s.columns = append(s.columns, column{ls, values})
}

// sort has to be called after the last add.
func (s *store) sort() {
	slices.SortFunc(s.columns, func(a, b column) int { return labels.Compare(a.labels, b.labels) })
}

// has tells whether the store holds a metric.
func (s *store) has(name string) bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return c.labels.Get(labels.MetricName) == name })
}

// Querier implements storage.Queryable.
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{s, mint, maxt}, nil
}

type querier struct {
	store      *store
	mint, maxt int64
}

func (q *querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &seriesSet{querier: q}
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
	*querier
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
		Lset: c.labels,
		SampleIteratorFn: func(chunkenc.Iterator) chunkenc.Iterator {
			return &iterator{store: s.store, values: c.values, i: -1, mint: s.mint, maxt: s.maxt}
		},
	}
}

func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// iterator implements chunkenc.Iterator over the values of a column that are not missing.
type iterator struct {
	store      *store
	values     []float64
	i          int
	mint, maxt int64
}

func (it *iterator) time() int64 { return it.store.start + int64(it.i)*it.store.step }

func (it *iterator) Next() chunkenc.ValueType {
	for it.i++; it.i < len(it.values); it.i++ {
		switch t := it.time(); {
		case t > it.maxt:
			it.i = len(it.values)
		case t >= it.mint && !math.IsNaN(it.values[it.i]):
			return chunkenc.ValFloat
		}
	}
	return chunkenc.ValNone
}

func (it *iterator) Seek(t int64) chunkenc.ValueType {
	if it.i >= 0 && it.i < len(it.values) && it.time() >= t {
		return chunkenc.ValFloat
	}
	t = max(t, it.mint)
	n := sort.Search(len(it.values), func(i int) bool { return it.store.start+int64(i)*it.store.step >= t })
	it.i = max(it.i, n-1)
	return it.Next()
}

func (it *iterator) At() (int64, float64) { return it.time(), it.values[it.i] }
func (it *iterator) AtT() int64           { return it.time() }
func (*iterator) AtST() int64             { return 0 }
func (*iterator) Err() error              { return nil }

// AtHistogram implements chunkenc.Iterator; there are no histograms.
func (*iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return 0, nil }

// AtFloatHistogram implements chunkenc.Iterator; there are no histograms.
func (*iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return 0, nil
}
