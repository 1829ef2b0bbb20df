package futureapi

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
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
	return &chunkQuerier{&querier{queryable: q, mint: mint, maxt: maxt, at: q.now().UnixMilli()}}, nil
}

// querier answers one query.
type querier struct {
	*queryable
	mint, maxt int64
	at         int64 // now, the same for the whole query
	computing  sync.WaitGroup
}

// Close waits for what is computed ahead of its reader.
func (q *querier) Close() error {
	q.computing.Wait()
	return nil
}

// chunkQuerier is a querier whose samples come as chunks.
type chunkQuerier struct{ *querier }

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
	err := q.each(ctx, matchers, func(c *candidate) bool {
		s := &series{ctx: ctx, querier: q, candidate: *c, step: stepOf(c.snapshot, hints)}
		s.from, s.to = q.window(c, from, to)
		if s.from > s.to {
			return true
		}
		s.labels = c.labels(q.seriesLabels)
		set.all = append(set.all, s)
		return hints.Limit <= 0 || len(set.all) < hints.Limit
	})
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	if sortSeries {
		slices.SortFunc(set.all, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	}
	for i, s := range set.all {
		s.set, s.index = set, i
	}
	return set
}

// window clips a range to where a series has an answer.
func (q *querier) window(c *candidate, from, to int64) (int64, int64) {
	s := c.snapshot
	if c.part == noCurve {
		from, to = max(from, s.Origin), min(to, max(q.at, s.Origin))
	} else {
		from, to = max(from, q.at-s.History.Milliseconds()), min(to, q.at+c.reach)
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
