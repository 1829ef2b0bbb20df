package check

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

const (
	historyBudget = 1_000_000 // samples read of a task's history
	fitted        = 50        // series that models are fitted to
	leastHistory  = 24 * time.Hour
)

// checkHistory reads the history on a grid that is coarse enough for the source, and has a fleet learn some of the
// series.
func (l *live) checkHistory() error {
	history := time.Duration(l.task.History)
	coarse, ms := l.coarse()
	last := l.origin - l.origin%ms
	first := l.origin - history.Milliseconds()
	first += (ms - first%ms) % ms
	chosen := l.choose()
	f := fleet.New(fleet.Options{Task: coarse, Pool: fleet.NewPool()})
	f.Begin(fleet.HoldOf(first, last))
	oldest, seen := int64(math.MaxInt64), &lives{}
	w, err := l.src.Range(l.ctx, l.task.Name, l.task.Expr, first, last, time.Duration(coarse.Step), func(ls labels.Labels, s []source.Sample) error {
		oldest = min(oldest, s[0].T)
		seen.see(ls, s)
		if !chosen[l.identity(ls)] {
			return nil
		}
		return f.Take(ls, s)
	})
	l.warn(w)
	if err != nil {
		return err
	}
	if oldest == math.MaxInt64 {
		l.note("warning", "there was no series in the last %s", l.task.History)
		return nil
	}
	f.Reach(last)
	l.tellHistory(time.Duration(l.origin-oldest) * time.Millisecond)
	l.tellStates(f, coarse, last)
	l.suggestIdentity(seen, ms)
	return nil
}

// coarse gives the task on a grid on which its history is not too much for the source, and the step of that in
// milliseconds. Its limits are told on their own.
func (l *live) coarse() (*config.Task, int64) {
	t := *l.task
	step := time.Duration(t.Step)
	points := int64(time.Duration(t.History) / step)
	step *= time.Duration(max(1, (points*int64(max(1, len(l.identities)))+historyBudget-1)/historyBudget))
	t.Step, t.Exhaustion, t.SeriesLimit = model.Duration(step), nil, 0
	t.Horizons = slices.DeleteFunc(slices.Clone(t.Horizons), func(h model.Duration) bool { return time.Duration(h) < step })
	return &t, step.Milliseconds()
}

// choose picks the series that are learnt: any, but always the same.
func (l *live) choose() map[string]bool {
	keys := slices.Collect(maps.Keys(l.identities))
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(xxhash.Sum64String(a), xxhash.Sum64String(b)), cmp.Compare(a, b))
	})
	chosen := map[string]bool{}
	for _, key := range keys[:min(len(keys), fitted)] {
		chosen[key] = true
	}
	return chosen
}

func (l *live) tellHistory(available time.Duration) {
	asked := time.Duration(l.task.History)
	if available = available.Round(time.Minute); available > asked*99/100 {
		available = asked
	}
	l.row.history = model.Duration(available).String() + " of " + l.task.History.String()
	switch {
	case available < leastHistory:
		l.note("warning", "too_short: series are forecast from %s of history on, in %s", model.Duration(leastHistory), model.Duration(leastHistory-available))
	case available < asked*9/10:
		l.note("warning", "the source keeps less than asked for: it is used as it is, and what was learnt is kept beyond it")
	}
	for _, s := range l.task.Season.Periods {
		if available < 2*s {
			l.note("warning", "the season of %s needs twice its length of history", model.Duration(s))
		}
	}
	for _, h := range l.task.Horizons {
		if time.Duration(h) > available/3 {
			l.note("warning", "the horizon %s is beyond a third of the history", h)
		}
	}
	for _, w := range unsaid(l.task, available) {
		l.note("warning", "the limit within %s: nothing is said before there are %s of history, but for what is likely sooner", w, needed(w))
	}
}

// tellStates counts the states of the series that were learnt.
func (l *live) tellStates(f *fleet.Fleet, coarse *config.Task, at int64) {
	var states [models.NumStates]cases
	snap := &board.Snapshot{}
	readout.New(coarse, nil).Read(snap, f, f.Listed(at), at)
	for i := range snap.Series {
		states[snap.Series[i].State].add(snap.Series[i].Labels.MatchLabels(false, "task"))
	}
	on := ""
	if coarse.Step != l.task.Step {
		on = " every " + coarse.Step.String()
	}
	l.fitted = fmt.Sprintf("%d of %d%s", states[models.StateOK].n, len(snap.Series), on)
	var not []string
	for state := range models.NumStates {
		s, c := models.State(state), states[state]
		if s == models.StateOK || c.n == 0 {
			continue
		}
		not = append(not, fmt.Sprintf("%s %d", s, c.n))
		c.tell(l, s.String()+": "+reasons[s]+": %s of those looked at, such as %s")
	}
	l.not = strings.Join(not, ", ")
}

// reasons say why models don't forecast.
var reasons = map[models.State]string{
	models.StateWarmingUp: "too few samples were seen",
	models.StateTooShort:  "less history than its season needs",
	models.StateConstant:  "one value only, forecast without width",
	models.StateGaps:      "too many samples are missing",
	models.StateStale:     "no number of late",
	models.StateAmbiguous: "several series of one identity",
	models.StateFailed:    "the models failed",
}
