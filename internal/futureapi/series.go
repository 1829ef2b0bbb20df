package futureapi

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// seriesSet goes through the series that were found.
type seriesSet struct {
	ctx  context.Context
	all  []*series
	next int
	err  error
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

// series is one series of an answer.
type series struct {
	candidate
	ctx      context.Context
	querier  *querier
	labels   labels.Labels
	from, to int64
	step     int64
}

func (s *series) Labels() labels.Labels { return s.labels }

// Iterator gives the series' samples. It uses the memory of it where that is one of ours.
func (s *series) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	c, ok := it.(*curve)
	if !ok {
		c = new(curve)
	}
	c.reset(s.from, s.to, s.step)
	if c.err = context.Cause(s.ctx); c.err != nil {
		return c
	}
	if s.part == noCurve {
		c.hold(s.value, s.snapshot.Origin)
		return c
	}
	origin := c.compute(s.ahead, s.part, s.snapshot.Step.Milliseconds())
	if s.querier.futureOnly {
		c.from = max(c.from, origin+1)
	}
	if b := s.querier.budget; b != nil && c.from <= c.to {
		c.err = b.spend((c.to-c.from)/c.step + 1)
	}
	return c
}
