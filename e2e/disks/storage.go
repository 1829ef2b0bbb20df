package disks

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// sample is a float at a time.
type sample struct {
	t int64
	v float64
}

func (s sample) T() int64                      { return s.t }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.v }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

// exposed is the series that a Prometheus would have scraped of one disk and of Foresight.
type exposed struct{ series []storage.Series }

// expose samples a disk up to the moment it is full, and lets Foresight follow it.
func expose(d *Disk) *exposed {
	end := d.end()
	readonly := make([]float64, end)
	available := make([]float64, end)
	for i := range end {
		available[i] = d.Size[i] - d.Used[i]
	}
	e := &exposed{}
	e.add(available, "__name__", "node_filesystem_avail_bytes", "job", "node", "mountpoint", "/data")
	e.add(d.Size[:end], "__name__", "node_filesystem_size_bytes", "job", "node", "mountpoint", "/data")
	e.add(readonly, "__name__", "node_filesystem_readonly", "job", "node", "mountpoint", "/data")
	e.add(available, "__name__", "kubelet_volume_stats_available_bytes", "job", "kubelet", "persistentvolumeclaim", "data")
	e.add(d.Size[:end], "__name__", "kubelet_volume_stats_capacity_bytes", "job", "kubelet", "persistentvolumeclaim", "data")
	e.add(d.Used[:end], "__name__", "kubelet_volume_stats_used_bytes", "job", "kubelet", "persistentvolumeclaim", "data")
	e.add(probabilities(d), "__name__", "foresight_exhaustion_probability_ratio", "task", "filesystem", "mountpoint", "/data", "within", "4d")
	return e
}

// end is up to where rules are evaluated.
func (d *Disk) end() int {
	if d.Full >= 0 {
		return min(d.Full, length)
	}
	return length
}

// probabilities is what Foresight exports with the configuration of its documentation, NaN while it says nothing.
func probabilities(d *Disk) []float64 {
	m := exhaustion.New(step.Milliseconds(), &exhaustion.Options{Within: []time.Duration{4 * day}})
	var a exhaustion.Assessment
	p := make([]float64, d.end())
	for i := range p {
		m.Observe(moment(i), d.Used[i])
		m.Assess(&a, d.Size[i])
		p[i] = math.NaN()
		if a.Known {
			p[i] = a.Stated(0, 4*day)
		}
	}
	return p
}

func moment(i int) int64 { return int64(i) * step.Milliseconds() }

func (e *exposed) add(values []float64, pairs ...string) {
	samples := make([]chunks.Sample, 0, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			samples = append(samples, sample{moment(i), v})
		}
	}
	e.series = append(e.series, storage.NewListSeries(labels.FromStrings(pairs...), samples))
}

// Querier implements storage.Queryable.
func (e *exposed) Querier(int64, int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: e.find}, nil
}

func (e *exposed) find(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	for _, s := range e.series {
		if matches(s.Labels(), matchers) {
			return &one{series: s, left: 1}
		}
	}
	return storage.EmptySeriesSet()
}

func matches(l labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// one is a set of one series.
type one struct {
	series storage.Series
	left   int
}

func (o *one) Next() bool {
	o.left--
	return o.left >= 0
}
func (o *one) At() storage.Series                { return o.series }
func (o *one) Err() error                        { return nil }
func (o *one) Warnings() annotations.Annotations { return nil }
