package replay

import (
	"math"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/foresight-exporter/foresight/internal/source"
)

// cursor walks over a matrix at ascending moments.
type cursor struct{ tracks []track }

// track is one series of a matrix.
type track struct {
	labels  labels.Labels
	samples []source.Sample // oldest first
	next    int
}

// add appends samples to the track of those labels, which index finds by their hash.
func (c *cursor) add(index map[uint64]int, ls labels.Labels, samples []source.Sample) {
	n, ok := index[ls.Hash()]
	if !ok {
		n = len(c.tracks)
		index[ls.Hash()] = n
		c.tracks = append(c.tracks, track{labels: ls.Copy()})
	}
	c.tracks[n].samples = append(c.tracks[n].samples, samples...)
}

// begin puts the cursor before the first moment.
func (c *cursor) begin() {
	for i := range c.tracks {
		c.tracks[i].next = 0
	}
}

// each calls visit for every track that has a sample at a moment.
func (c *cursor) each(t int64, visit func(ls labels.Labels, s []source.Sample) error) error {
	for i := range c.tracks {
		one := &c.tracks[i]
		for one.next < len(one.samples) && one.samples[one.next].T < t {
			one.next++
		}
		if one.next == len(one.samples) || one.samples[one.next].T != t {
			continue
		}
		if err := visit(one.labels, one.samples[one.next:one.next+1]); err != nil {
			return err
		}
	}
	return nil
}

// vector gives the numbers of a moment.
func (c *cursor) vector(t int64) (out promql.Vector, err error) {
	err = c.each(t, func(ls labels.Labels, s []source.Sample) error {
		if !math.IsNaN(s[0].V) {
			out = append(out, promql.Sample{T: t, F: s[0].V, Metric: ls})
		}
		return nil
	})
	return out, err
}
