package models

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/anomaly"
	"github.com/foresight-exporter/foresight/models/exhaustion"
	"github.com/foresight-exporter/foresight/models/expected"
	"github.com/foresight-exporter/foresight/models/forecast"
	"github.com/foresight-exporter/foresight/models/interval"
)

// Options say what to learn of a series. They are shared by all series of a task and never changed after use.
type Options struct {
	Step     time.Duration             // spacing of the grid, above 0
	Seasons  []time.Duration           // nil: found from the data; empty and not nil: none
	Location *time.Location            // local time that daily patterns follow; nil: UTC
	Minimum  *float64                  // bounds of the values; nil: none
	Maximum  *float64                  //
	Level    float64                   // of the interval given with the expectation, 0.2 to 0.99
	Horizons []time.Duration           // at which quality is measured
	Months   bool                      // learn level and yearly season too, for horizons of months
	Days     []SpecialDay              // such as holidays, ascending; what they are like is learnt apart
	Anomaly  *anomaly.Options          // nil: no scores
	Limit    *exhaustion.Options       // nil: no limit
	Budget   *exhaustion.BudgetOptions // instead of a limit: samples are error ratios; nil: they are not
	Past     time.Duration             // for which past expectations are kept; 0: not at all
}

// Forecaster learns one series. It is not safe for concurrent use.
type Forecaster struct {
	options *Options
	model   *forecast.Model
	scorer  *anomaly.Scorer
	limit   *exhaustion.Model
	budget  *exhaustion.Budget
	past    *expected.Memory
}

// Assessment is what Observe says of one sample, using nothing but earlier samples and this one.
type Assessment struct {
	Expected      interval.Interval // of this moment, made before the sample was seen; unknown while there is no forecast
	anomaly.Score                   // zero where the task asks for no scores
}

// New returns a forecaster that has seen nothing.
func New(o *Options) *Forecaster {
	f := &Forecaster{
		options: o,
		model: forecast.New(&forecast.Options{
			Step: o.Step.Milliseconds(), Seasons: o.Seasons, Location: o.Location,
			Minimum: o.Minimum, Maximum: o.Maximum, Level: o.Level, Horizons: o.Horizons, Days: o.Days, Months: o.Months,
		}),
	}
	if o.Anomaly != nil {
		f.scorer = anomaly.New(o.Step.Milliseconds(), o.Anomaly)
	}
	if o.Limit != nil {
		f.limit = exhaustion.New(o.Step.Milliseconds(), o.Limit)
	}
	if o.Budget != nil {
		f.budget = exhaustion.NewBudget(o.Budget)
	}
	if o.Past > 0 {
		f.past = expected.New(o.Step.Milliseconds(), o.Past.Milliseconds())
	}
	return f
}

// Observe learns the sample v of time t and says how it looks in the light of the samples before it. A NaN, and every
// grid moment that is left out, is a missing sample. A sample at or before the last moment is assessed but not learnt.
// Observe takes constant time and allocates nothing; call [Forecaster.Refit] when [Forecaster.Due] says so.
func (f *Forecaster) Observe(t int64, v float64) Assessment {
	e := f.model.Expect(t)
	a := Assessment{Expected: e}
	lesson := anomaly.Lesson{Missing: f.impossible(v)}
	if f.scorer != nil {
		a.Score, lesson = f.scorer.Observe(t, v, e, lesson.Missing)
	}
	if lesson.Missing {
		v = math.NaN()
	}
	if f.limit != nil {
		f.limit.Observe(t, v)
	}
	if f.budget != nil {
		f.budget.Observe(t, v)
	}
	f.model.Observe(t, v, lesson.Anomalous)
	if lesson.Accept != 0 {
		f.model.Accept(lesson.Accept)
	}
	if f.past != nil {
		f.past.Append(t, e)
	}
	return a
}

// impossible reports whether v lies outside of the bounds: such a value is flagged and never learnt.
func (f *Forecaster) impossible(v float64) bool {
	return f.options.Minimum != nil && v < *f.options.Minimum || f.options.Maximum != nil && v > *f.options.Maximum
}

// Due tells whether a refit is wanted: none was made yet and there is enough to learn from, the last is a day old, or
// the errors have drifted. It depends on the samples observed only.
func (f *Forecaster) Due() bool { return f.model.Due() }

// Refit learns seasons, models, weights and intervals anew from what is remembered: milliseconds of work.
func (f *Forecaster) Refit() { f.model.Refit() }

// Fit returns a forecaster that has observed a history, refitted at its end.
func Fit(o *Options, h Series) *Forecaster {
	f := New(o)
	for i, v := range h.Values {
		f.Observe(h.Start+int64(i)*h.Step, v)
	}
	f.Refit()
	return f
}

// Lag returns the sample k steps before the newest (0), NaN where it is missing or no longer remembered: a week is at
// steps of 5 minutes and more, 2,016 samples below.
func (f *Forecaster) Lag(k int) float64 { return f.model.Lag(k) }

// End is the time of the newest moment observed, the origin of forecasts; 0 where there is none.
func (f *Forecaster) End() int64 { return f.model.End() }

// Forecast fills dst, one for each lead (ascending multiples of the step, above 0) after [Forecaster.End], with
// intervals at the levels (ascending), and returns it; dst and its slices are reused. Values are finite, the intervals
// nested and inside the bounds. Before the first fit nothing is returned.
func (f *Forecaster) Forecast(dst []Forecast, leads []time.Duration, levels []float64) []Forecast {
	return f.model.Forecast(dst, leads, levels)
}

// Exhaustion fills dst with the law of the time until the limit is reached or, with Options.Budget, the error budget is
// gone, as of [Forecaster.End].
func (f *Forecaster) Exhaustion(dst *Exhaustion, limit float64) {
	switch {
	case f.limit != nil:
		f.limit.Assess(dst, limit)
	case f.budget != nil:
		f.budget.Assess(dst)
	default:
		*dst = Exhaustion{}
	}
}

// Quality tells how well forecasts at Options.Horizons[i] have done, out of sample.
func (f *Forecaster) Quality(i int) Quality { return f.model.Quality(i) }

// Info tells what was learnt.
func (f *Forecaster) Info() Info { return f.model.Info() }
