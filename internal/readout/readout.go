// Package readout says what the series of a task have to say at a moment: which values are exported, in which columns,
// and which are kept back. It is the one way from what was learnt to what is published, live and replayed.
//
// [table] has the columns; [Readout.say] decides which of them a series fills; [Readout.Read] puts it all into a
// snapshot, with the rows of groups and of the task.
package readout

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/models"
)

// leastAhead is for how long curves are served, whatever horizons are named.
const leastAhead = 7 * 24 * time.Hour

// Readout reads one task's series. It is not safe for concurrent use.
type Readout struct {
	task       *config.Task
	options    *models.Options
	levels     []float64
	staleAfter int64 // milliseconds

	columns  []board.Column // without values
	families []family       // those of the table that the task has
	first    []int          // the first column of each family
	needs    [conditions]bool
	ratios   bool // the groups' shares of anomalous series are wanted
	voices   sync.Pool
	counts   []count // by group
	skills   []float64
	quality  []labels.Labels // of the task's rows, by horizon
}

// Wants says which columns are wanted, by metric and label value, also of those that the task does not export.
type Wants func(m board.Metric, label, value string) bool

// New returns the readout of a task. wants, where it is not nil, chooses among the columns that the task has.
func New(t *config.Task, wants Wants) *Readout {
	r := &Readout{
		task: t, options: t.ModelOptions(), levels: []float64{t.Level},
		staleAfter: fleet.StaleAfter(time.Duration(t.Step)).Milliseconds(),
	}
	r.voices.New = func() any { return &said{} }
	all := wants == nil
	if all {
		wants = func(board.Metric, string, string) bool { return true }
	}
	r.ratios = grouped(r) && t.Exports(board.GroupAnomaly) && wants(board.AnomalousSeriesRatio, "", "")
	for _, f := range table() {
		asked := t.Exports(f.metric.Group)
		if all && !asked && !f.kept || f.of != nil && !f.of(r) {
			continue
		}
		values := []string{""}
		if f.values != nil {
			values = f.values(r)
		}
		wanted := slices.ContainsFunc(values, func(v string) bool { return wants(f.metric, f.label, v) })
		if !wanted && !(r.ratios && f.metric == board.AnomalyScore) {
			continue
		}
		r.families, r.first = append(r.families, f), append(r.first, len(r.columns))
		r.needs[f.when] = true
		for _, v := range values {
			r.columns = append(r.columns, board.Column{Metric: f.metric, Label: f.label, LabelValue: v, Hidden: f.hidden || !asked})
		}
	}
	if all {
		for _, horizon := range horizons(r) {
			r.quality = append(r.quality, labels.FromStrings("horizon", horizon, "task", t.Name))
		}
	}
	return r
}

// Exported returns how many series go out for one that comes in and has a value in each column.
func (r *Readout) Exported() int { return Exported(r.columns, r.task.Outputs) }

// Exported returns how many series go out for one that has a value in each of the columns, in a task with those groups.
func Exported(columns []board.Column, groups []board.Group) int {
	n := 0
	if slices.Contains(groups, board.GroupInfo) {
		n++
	}
	for i := range columns {
		if !columns[i].Hidden {
			n++
		}
	}
	return n
}

// Read fills a snapshot, whose memory is reused, with what the listed series of a fleet say, and with the rows of their
// groups and of the task. at is the moment that is due, Unix milliseconds: the fleet's origin, or a later one while the
// source is away.
func (r *Readout) Read(dst *board.Snapshot, f *fleet.Fleet, listed []*fleet.Series, at int64) {
	origin, ok := f.Origin()
	if dst.Origin = 0; ok {
		dst.Origin = origin
	}
	dst.Task, dst.Step, dst.Level = r.task.Name, r.options.Step, r.task.Level
	dst.History, dst.Horizon = time.Duration(r.task.History), max(r.options.Horizons[len(r.options.Horizons)-1], leastAhead)
	dst.Groups = r.task.Outputs
	n := len(listed)
	if cap(dst.Columns) < len(r.columns) || len(dst.Columns) > 0 && cap(dst.Columns[0].Values) < n {
		dst.Columns = slices.Clone(r.columns)
		values := make([]float64, n*len(r.columns))
		for c := range dst.Columns {
			dst.Columns[c].Values = values[c*n : (c+1)*n : (c+1)*n]
		}
	}
	for c := range dst.Columns {
		dst.Columns[c].Values = dst.Columns[c].Values[:n]
	}
	dst.Series = slices.Grow(dst.Series[:0], n)[:n]
	f.Each(func(s *fleet.Series) {
		if s.Index < 0 || s.Index >= n {
			return
		}
		v := r.voices.Get().(*said)
		v.Series = s
		r.say(v, dst, s.Index, origin, at)
		v.Series = nil
		r.voices.Put(v)
	})
	clear(dst.States[:])
	for i := range dst.Series {
		dst.States[dst.Series[i].State]++
	}
	dst.Rows = dst.Rows[:0]
	if r.ratios {
		dst.Rows = r.appendRatios(dst.Rows, dst, f, listed)
	}
	dst.Rows = r.appendQuality(dst.Rows, dst)
}

// said is one series while it speaks.
type said struct {
	*fleet.Series
	limit     float64           // in force and usable; NaN: none
	forecasts []models.Forecast // by horizon
	quality   []models.Quality  // by horizon
	law       models.Exhaustion
	leads     []time.Duration
}

// say has a locked series speak as series i of a snapshot.
func (r *Readout) say(s *said, dst *board.Snapshot, i int, origin, at int64) {
	silent := func(state models.State) {
		for c := range dst.Columns {
			dst.Columns[c].Values[i] = math.NaN()
		}
		dst.Series[i] = board.Series{Labels: s.Labels, State: state, Model: s.Info.Model, Season: s.Season}
	}
	defer func() {
		if p := recover(); p != nil {
			s.Fail(p)
			silent(models.StateFailed)
		}
	}()
	state := s.State(at, r.staleAfter)
	silent(state)
	if !state.Scored() {
		return
	}
	has := r.workOut(s, &state, origin)
	for f := range r.families {
		if family := &r.families[f]; has[family.when] {
			for k, c := range dst.Columns[r.first[f]:r.end(f)] {
				c.Values[i] = family.fill(s, k)
			}
		}
	}
	one := &dst.Series[i]
	one.State, one.Score = state, s.Assessment.Score
	if has[expected] {
		one.Ahead = s.Ahead
	}
}

// end returns the column after those of family f.
func (r *Readout) end(f int) int {
	if f+1 < len(r.first) {
		return r.first[f+1]
	}
	return len(r.columns)
}

// workOut returns which conditions a series that is scored meets, with what their families are filled from, as far as
// one of them is wanted. It sets the state with the limit looked at.
func (r *Readout) workOut(s *said, state *models.State, origin int64) (has [conditions]bool) {
	has[scored] = true
	has[expected] = *state == models.StateOK
	if has[expected] && r.needs[ahead] {
		s.forecasts = s.Forecaster.Forecast(s.forecasts, r.leads(s, origin), r.levels)
		has[ahead] = len(s.forecasts) > 0
	}
	if has[expected] && r.needs[measured] {
		s.quality = s.quality[:0]
		for h := range r.options.Horizons {
			s.quality = append(s.quality, s.Forecaster.Quality(h))
		}
		has[measured] = true
	}
	e := r.task.Exhaustion
	s.limit = math.NaN()
	if e == nil {
		return has
	}
	if r.options.Limit != nil && e.Usable(s.Limit) {
		s.limit = s.Limit
	}
	switch {
	case *state != models.StateOK && *state != models.StateConstant:
	case s.LimitAmbiguous:
		*state = models.StateAmbiguous
	case r.options.Limit != nil && math.IsNaN(s.limit):
		*state = models.StateNoLimit
	case r.needs[limited] || len(r.quality) > 0:
		s.Forecaster.Exhaustion(&s.law, s.limit)
		has[limited] = s.law.Known
		if s.law.Known && s.law.Reached {
			*state = models.StateOverLimit
		}
	}
	return has
}

// leads returns the horizons, counted from the task's origin, as seen from the newest sample of a series, which may be
// late.
func (r *Readout) leads(s *said, origin int64) []time.Duration {
	late := time.Duration(origin-s.Forecaster.End()) * time.Millisecond
	if late <= 0 {
		return r.options.Horizons
	}
	s.leads = s.leads[:0]
	for _, h := range r.options.Horizons {
		s.leads = append(s.leads, h+late)
	}
	return s.leads
}
