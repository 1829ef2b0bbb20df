package check

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

const (
	historyBudget = 1_000_000 // samples read of a task's history
	fitted        = 50        // series that models are fitted to
	leastHistory  = 24 * time.Hour
)

// past is what the history holds of one identity.
type past struct {
	labels labels.Labels
	hash   uint64
	values []float64 // on the coarse grid; nil: not fitted
}

// checkHistory reads the history on a grid that is coarse enough for the source, and fits models to some of the series.
func (l *live) checkHistory() error {
	step := time.Duration(l.task.Step)
	history := time.Duration(l.task.History)
	points := int64(history / step)
	coarse := step * time.Duration(max(1, (points*int64(max(1, len(l.identities)))+historyBudget-1)/historyBudget))
	chosen := l.choose()
	ms := coarse.Milliseconds()
	first := l.origin - history.Milliseconds()
	first += (ms - first%ms) % ms
	last := l.origin - l.origin%ms
	size := max(0, (last-first)/ms+1)

	oldest := int64(math.MaxInt64)
	w, err := l.src.Range(l.ctx, l.task.Name, l.task.Expr, first, last, coarse, func(ls labels.Labels, s []source.Sample) error {
		oldest = min(oldest, s[0].T)
		p := chosen[l.identity(ls)]
		if p == nil {
			return nil
		}
		if p.values == nil {
			p.values = slices.Repeat([]float64{math.NaN()}, int(size))
		}
		for _, one := range s {
			if i := (one.T - first) / ms; i >= 0 && i < size {
				p.values[i] = one.V
			}
		}
		return nil
	})
	l.warn(w)
	if err != nil {
		return err
	}
	if oldest == math.MaxInt64 {
		l.say("warning", "there was no series in the last %s", l.task.History)
		return nil
	}
	l.tellHistory(time.Duration(l.origin-oldest) * time.Millisecond)
	l.tellStates(chosen, first, coarse)
	return nil
}

// choose picks the series that models are fitted to: any, but always the same.
func (l *live) choose() map[string]*past {
	type candidate struct {
		key string
		*past
	}
	var all []candidate
	for key, id := range l.identities {
		all = append(all, candidate{key, &past{labels: id.labels, hash: xxhash.Sum64String(key)}})
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.key, b.key)) })
	chosen := map[string]*past{}
	for _, c := range all[:min(len(all), fitted)] {
		chosen[c.key] = c.past
	}
	return chosen
}

func (l *live) tellHistory(available time.Duration) {
	asked := time.Duration(l.task.History)
	if available = available.Round(time.Minute); available > asked*99/100 {
		available = asked
	}
	l.say("history", "%s of the %s asked for", model.Duration(available), l.task.History)
	switch {
	case available < leastHistory:
		l.say("warning", "too_short: series are forecast from %s of history on, in %s", model.Duration(leastHistory), model.Duration(leastHistory-available))
	case available < asked*9/10:
		l.say("warning", "the source keeps less than asked for: it is used as it is, and what was learnt is kept beyond it")
	}
	for _, s := range l.task.Season.Periods {
		if available < 2*s {
			l.say("warning", "the season of %s needs twice its length of history", model.Duration(s))
		}
	}
	for _, h := range l.task.Horizons {
		if time.Duration(h) > available/3 {
			l.say("warning", "the horizon %s is beyond a third of the history", h)
		}
	}
}

// tellStates fits the chosen series and counts their states.
func (l *live) tellStates(chosen map[string]*past, first int64, step time.Duration) {
	o := l.task.ModelOptions()
	o.Step, o.Anomaly, o.Limit = step, nil, nil
	o.Horizons = slices.DeleteFunc(slices.Clone(o.Horizons), func(h time.Duration) bool { return h < step })
	if len(o.Horizons) == 0 {
		o.Horizons = []time.Duration{step}
	}
	var states [models.NumStates]cases
	sorted := make([]*past, 0, len(chosen))
	for _, p := range chosen {
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b *past) int { return labels.Compare(a.labels, b.labels) })
	for _, p := range sorted {
		for i, v := range p.values {
			if math.IsInf(v, 0) {
				p.values[i] = math.NaN()
			}
		}
		f := models.Fit(o, models.Series{Start: first, Step: step.Milliseconds(), Values: p.values})
		states[models.StateOf(f.Info().Status)].add(p.labels)
	}
	at := ""
	if step != time.Duration(l.task.Step) {
		at = " at a step of " + model.Duration(step).String()
	}
	l.say("models", "%d of %s fitted%s", states[models.StateOK].n, count(len(chosen), "series"), at)
	for state := range models.NumStates {
		if s := models.State(state); s != models.StateOK {
			states[state].tell(l, s.String()+": "+reasons[s]+": %s of those looked at, such as %s")
		}
	}
}

// reasons say why models don't forecast.
var reasons = map[models.State]string{
	models.StateWarmingUp: "too few samples were seen",
	models.StateTooShort:  "less history than its season needs",
	models.StateConstant:  "one value only, forecast without width",
	models.StateGaps:      "too many samples are missing",
}
