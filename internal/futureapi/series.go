package futureapi

import (
	"context"
	"runtime"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// seriesSet goes through the series that were found.
type seriesSet struct {
	ctx    context.Context
	all    []*series
	next   int
	err    error
	coming []coming // in the order of the set
}

// coming is a curve that is computed while those before it are read.
type coming struct {
	of    *series
	curve *curve
	done  chan struct{}
}

func (s *seriesSet) Next() bool {
	if s.err = context.Cause(s.ctx); s.err != nil || s.next == len(s.all) {
		return false
	}
	s.next++
	return true
}

func (s *seriesSet) At() storage.Series                { return s.all[s.next-1] }
func (s *seriesSet) Err() error                        { return s.err }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// begin has the curves of the series after s computed, as many at a time as there are cores, the first of them in the
// memory of c.
func (s *seriesSet) begin(after *series, c *curve) {
	next := after.index + 1 + len(s.coming)
	for ; len(s.coming) < runtime.GOMAXPROCS(0) && next < len(s.all) && s.all[next].part != noCurve; next++ {
		if c == nil {
			c = new(curve)
		}
		one := coming{of: s.all[next], curve: c, done: make(chan struct{})}
		s.coming, c = append(s.coming, one), nil
		one.of.querier.computing.Go(func() {
			defer close(one.done)
			one.of.fill(one.curve)
		})
	}
}

// take gives the curve of a series if that is what comes next, else nil.
func (s *seriesSet) take(of *series) *curve {
	if len(s.coming) == 0 || s.coming[0].of != of {
		s.coming = nil // read in another order
		return nil
	}
	one := s.coming[0]
	s.coming = append(s.coming[:0], s.coming[1:]...)
	<-one.done
	return one.curve
}

// series is one series of an answer.
type series struct {
	candidate
	ctx      context.Context
	querier  *querier
	set      *seriesSet
	index    int // in the set
	labels   labels.Labels
	from, to int64
	step     int64
}

func (s *series) Labels() labels.Labels { return s.labels }

// Iterator gives the series' samples, and has those of the next ones computed meanwhile. It uses the memory of it where
// that is one of ours.
func (s *series) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	spare, ok := it.(*curve)
	if !ok {
		spare = new(curve)
	}
	c := s.set.take(s)
	if c == nil {
		c, spare = spare, new(curve)
		s.fill(c)
	}
	if b := s.querier.budget; b != nil && c.err == nil && s.part != noCurve && c.from <= c.to {
		c.err = b.spend((c.to-c.from)/c.step + 1)
	}
	if c.err == nil {
		s.set.begin(s, spare)
	}
	return c
}

// fill makes c the samples of the series.
func (s *series) fill(c *curve) {
	c.reset(s.from, s.to, s.step)
	if c.err = context.Cause(s.ctx); c.err != nil {
		return
	}
	if s.part == noCurve {
		c.hold(s.value, s.snapshot.Origin)
		return
	}
	origin := c.compute(s.ahead, s.part, s.snapshot.Step.Milliseconds())
	if s.querier.futureOnly {
		c.from = max(c.from, origin+1)
	}
}
