package replay

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/internal/source"
)

// Played is a history after it went through a fleet: what Foresight would have exported, and how good its forecasts
// were.
type Played struct {
	*History
	From     int // first moment that counts; earlier ones are learnt only
	Series   []*Series
	Accuracy []Accuracy

	exported *store
	ahead    []curves // by moment from From on; nil where no rule reads ahead
}

// Series is what one series of a task was.
type Series struct {
	Labels labels.Labels // as exported last, with `task`
	Fixed  labels.Labels // those of them that never changed
	Values []float64     // by moment; NaN: missing
	Limits []float64     // in force and usable, by moment; NaN: none; nil: the task has no limit
}

// Life is what part of a history is lived.
type Life struct {
	Start time.Time // when Foresight is started; what the task's `history` reaches back before it is learnt then
	From  time.Time // what is said from then on counts
}

// span gives the first moment that is read, that of the start, and the first that counts.
func (h *History) span(l Life) (begin, start, from int) {
	within := func(t time.Time) int { return max(0, min(h.Len, h.index(t.UnixMilli()))) }
	start = within(l.Start)
	return max(0, start-int(time.Duration(h.Task.History).Milliseconds()/h.Step)), start, max(start, within(l.From))
}

// Moments returns how many moments Play walks over.
func (h *History) Moments(l Life) int {
	begin, _, _ := h.span(l)
	return h.Len - begin
}

// Play lives a history: it gives its samples to a fleet, moment by moment, and keeps what is read out of it, as far as
// the rules need it. step is called after each moment.
func Play(ctx context.Context, h *History, l Life, rules []Rule, step func()) (*Played, error) {
	begin, start, from := h.span(l)
	p := &Played{History: h, From: from, exported: &store{}}
	pool := fleet.NewPool()
	f := fleet.New(fleet.Options{Task: h.Task, Pool: pool})
	r := readout.New(h.Task, wantedBy(rules))
	k := newKeeper(p)
	ahead := lookaheadOf(rules)
	snap := &board.Snapshot{}
	hold := fleet.HoldOf(h.at(begin), h.at(start))
	h.series.begin()
	h.limits.begin()
	for i := begin; i < h.Len; i++ {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i > start {
			hold = fleet.NoHold
		}
		t := h.at(i)
		f.Begin(hold)
		if err := h.limits.each(t, func(ls labels.Labels, s []source.Sample) error {
			f.Limit(ls, t, s[0].V)
			return nil
		}); err != nil {
			return nil, err
		}
		if err := h.series.each(t, f.Take); err != nil {
			return nil, err
		}
		f.Reach(t)
		k.observe(f, i)
		if i >= p.From {
			listed := f.Listed(t)
			r.Read(snap, f, listed, t)
			k.keep(snap, listed, i)
			if ahead > 0 {
				p.ahead = append(p.ahead, curvesOf(pool, snap, t+ahead.Milliseconds()))
			}
		}
		step()
	}
	k.end()
	p.Accuracy = summarize(k.horizons, k.tallies)
	return p, nil
}

// wantedBy says which columns rules read, or are needed for the drawings and the accuracy.
func wantedBy(rules []Rule) readout.Wants {
	var selectors []*parser.VectorSelector
	for i := range rules {
		if expr, err := newParser().ParseExpr(rules[i].Expr); err == nil {
			selectors = append(selectors, selectorsOf(expr)...)
		}
	}
	return func(m board.Metric, label, value string) bool {
		switch m {
		case board.Expected, board.Forecast, board.ForecastLower, board.ForecastUpper:
			return true
		}
		return slices.ContainsFunc(selectors, func(v *parser.VectorSelector) bool {
			return !slices.ContainsFunc(v.LabelMatchers, func(x *labels.Matcher) bool {
				return x.Name == model.MetricNameLabel && !x.Matches(m.Name) || label != "" && x.Name == label && !x.Matches(value)
			})
		})
	}
}
