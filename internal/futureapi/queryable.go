package futureapi

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/foresight-exporter/foresight/internal/board"
)

// queryable is the board as a Prometheus storage.
type queryable struct {
	board        *board.Board
	now          func() time.Time
	seriesLabels labels.Labels
	futureOnly   bool    // answer only moments after both the newest origin and now
	budget       *budget // of samples; nil: none
}

func (q *queryable) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{queryable: q, mint: mint, maxt: maxt, at: q.now().UnixMilli()}, nil
}

func (q *queryable) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	return &chunkQuerier{querier{queryable: q, mint: mint, maxt: maxt, at: q.now().UnixMilli()}}, nil
}

// querier answers one query.
type querier struct {
	*queryable
	mint, maxt int64
	at         int64 // now, the same for the whole query
}

func (q *querier) Close() error { return nil }

// chunkQuerier is a querier whose samples come as chunks.
type chunkQuerier struct{ querier }

func (q *chunkQuerier) Select(ctx context.Context, sortSeries bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.ChunkSeriesSet {
	return storage.NewSeriesSetToChunkSet(q.querier.Select(ctx, sortSeries, hints, matchers...))
}

// Select finds the series; their samples are computed when they are iterated.
func (q *querier) Select(ctx context.Context, sortSeries bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	if hints == nil {
		hints = &storage.SelectHints{Start: q.mint, End: q.maxt}
	}
	from, to := max(q.mint, hints.Start), min(q.maxt, hints.End)
	set := &seriesSet{ctx: ctx}
	seen := 0
	err := q.each(ctx, matchers, func(c *candidate) bool {
		s := &series{ctx: ctx, querier: q, candidate: *c, step: stepOf(c.snapshot, hints)}
		s.from, s.to = q.window(c, from, to)
		if s.from > s.to {
			return true
		}
		s.labels = c.labels(q.seriesLabels)
		set.series = append(set.series, s)
		seen++
		return hints.Limit <= 0 || seen < hints.Limit
	})
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	if sortSeries {
		slices.SortFunc(set.series, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	}
	return set
}

// window clips a range to where a series has an answer.
func (q *querier) window(c *candidate, from, to int64) (int64, int64) {
	s := c.snapshot
	if c.part == noCurve {
		from, to = max(from, s.Origin), min(to, max(q.at, s.Origin))
	} else {
		from, to = max(from, q.at-s.History.Milliseconds()), min(to, q.at+s.Horizon.Milliseconds())
	}
	if q.futureOnly {
		from = max(from, q.at+1, s.Origin+1)
	}
	return from, to
}

// stepOf is how often a series answers. PromQL looks back five minutes only, so never less often than every two;
// where it looks at single moments of a range query, those are enough and the answers divide its step, so that they
// fall on its moments where these are multiples of it.
func stepOf(s *board.Snapshot, hints *storage.SelectHints) int64 {
	const longest, shortest = 2 * 60_000, 1000
	limit := int64(longest)
	if hints.Step <= 0 || hints.Range > 0 {
		limit = min(limit, s.Step.Milliseconds())
	}
	limit = max(limit, shortest)
	if hints.Step <= 0 {
		return limit
	}
	return max(hints.Step/((hints.Step+limit-1)/limit), shortest)
}

func (q *querier) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	found := map[string]struct{}{}
	err := q.each(ctx, matchers, func(c *candidate) bool {
		if v := c.get(name, q.seriesLabels); v != "" {
			found[v] = struct{}{}
		}
		return !full(found, hints)
	})
	return sorted(found), nil, err
}

func (q *querier) LabelNames(ctx context.Context, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	found := map[string]struct{}{}
	err := q.each(ctx, matchers, func(c *candidate) bool {
		c.names(q.seriesLabels, func(name string) { found[name] = struct{}{} })
		return !full(found, hints)
	})
	return sorted(found), nil, err
}

func full(found map[string]struct{}, hints *storage.LabelHints) bool {
	return hints != nil && hints.Limit > 0 && len(found) >= hints.Limit
}

func sorted(found map[string]struct{}) []string {
	all := make([]string, 0, len(found))
	for v := range found {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// budget is how many samples a request may have.
type budget struct {
	limit int64
	spent atomic.Int64
}

func (b *budget) spend(samples int64) error {
	if b.spent.Add(samples) > b.limit {
		return fmt.Errorf("the request asks for more than the %d samples that --query.max-samples allows", b.limit)
	}
	return nil
}

// seriesSet goes through series that were found.
type seriesSet struct {
	ctx    context.Context
	series []*series
	at     *series
	err    error
}

func (s *seriesSet) Next() bool {
	if s.err = context.Cause(s.ctx); s.err != nil || len(s.series) == 0 {
		return false
	}
	s.at, s.series = s.series[0], s.series[1:]
	return true
}

func (s *seriesSet) At() storage.Series                { return s.at }
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

// Iterator computes the series' samples. It uses the memory of it where that is one of ours.
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
