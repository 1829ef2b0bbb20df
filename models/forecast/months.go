package forecast

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/longterm"
)

// From monthsFrom ahead a forecast takes its level from the means of weeks (package longterm), from monthsFully on
// wholly; weekday and hour are those of the coming week.
const (
	monthsFrom  = 14 * day
	monthsFully = 28 * day
	patternStep = hour // or the step, where that is longer
	leastOfDay  = 4    // an nth of a day's samples that its mean is taken from
)

// months learns the means of local days for forecasts months ahead.
type months struct {
	longterm.Model
	today int64 // the day under way
	sum   float64
	n     int
	odd   int // of them, not usual
}

func newMonths(wanted bool) *months {
	if !wanted {
		return nil
	}
	return &months{}
}

// observeMonths takes in a sample. odd is whether it is anomalous or of a day of a calendar.
func (m *Model) observeMonths(t int64, v float64, odd bool) {
	f := m.months
	if f == nil {
		return
	}
	if number, _ := m.dayAt(t); number != f.today {
		if f.n > 0 && int64(f.n) >= day/m.grids.step/leastOfDay {
			f.Observe(f.today, f.sum/float64(f.n), 2*f.odd > f.n)
		}
		f.today, f.sum, f.n, f.odd = number, 0, 0, 0
	}
	if v == v {
		f.sum += v
		f.n++
		f.odd += numeric.OneIf(odd)
	}
}

// monthsAhead reports whether a lead in milliseconds is forecast by months.
func (m *Model) monthsAhead(lead int64) bool {
	return m.months != nil && lead > monthsFrom && m.months.Ready() && m.fit.scale.below(largestMean)
}

// largestMean is from where on values are too large for means of days, which are held in single precision.
const largestMean = 1e36

// nearLead is how far ahead the members look for a lead in milliseconds.
func (m *Model) nearLead(lead int64) int64 {
	if m.monthsAhead(lead) {
		return min(lead, monthsFully)
	}
	return lead
}

// outlook forecasts months ahead from the newest sample.
type outlook struct {
	m       *Model
	ready   bool
	step    int64
	week    []Forecast // of the coming week, each step
	average float64    // of it
	widths  []longterm.Widths
}

// prepare looks at the coming week.
func (o *outlook) prepare(levels []float64) {
	m := o.m
	o.ready = true
	o.step = max(patternStep, m.grids.step)
	leads := make([]time.Duration, max(1, 7*day/o.step))
	for i := range leads {
		leads[i] = time.Duration(int64(i+1)*o.step) * time.Millisecond
	}
	o.week = m.usualForecast(nil, leads, levels)
	for i := range o.week {
		o.average += o.week[i].Mean / float64(len(o.week))
	}
	for _, level := range levels {
		o.widths = append(o.widths, m.months.Widths(level))
	}
}

// at changes the forecast of a lead in milliseconds, with intervals at the levels, where months tell.
func (o *outlook) at(lead int64, levels []float64, mean *float64, lower, upper []float64) {
	m := o.m
	if !m.monthsAhead(lead) {
		return
	}
	if !o.ready {
		o.prepare(levels)
	}
	within := numeric.Modulo(lead-1, 7*day) + 1
	c := clock{m.options.Location}
	within += c.offset(m.end+lead) - c.offset(m.end+within) // the same time of day, whatever the clock
	now := &o.week[max(0, min(int((within+o.step-1)/o.step), len(o.week))-1)]
	local := m.end + lead + c.offset(m.end+lead)
	ahead := float64(local)/float64(day) - float64(m.months.Newest()) - 0.5
	level, _ := m.months.Forecast(ahead, new(longterm.Widths))
	positive := m.neverNegative()
	factor, far := 1.0, level+now.Mean-o.average
	if positive && o.average > 0 {
		factor = max(level, 0) / o.average
		far = factor * now.Mean
	}
	share := min(1, float64(lead-monthsFrom)/float64(monthsFully-monthsFrom))
	mix := func(near, far float64) float64 { return m.bounded(near*(1-share) + far*share) }
	for i := range lower {
		_, half := m.months.Forecast(ahead, &o.widths[i])
		if factor != 1 {
			half *= now.Mean / o.average
		}
		lower[i] = mix(lower[i], far-math.Hypot(half, factor*(now.Mean-now.Lower[i])))
		upper[i] = mix(upper[i], far+math.Hypot(half, factor*(now.Upper[i]-now.Mean)))
	}
	*mean = mix(*mean, far)
	for i := range lower {
		lower[i], upper[i] = min(lower[i], *mean), max(upper[i], *mean)
	}
}

// inBounds keeps a value finite and inside the bounds of the options.
func (m *Model) inBounds(v float64) float64 {
	v = max(-math.MaxFloat64, min(v, math.MaxFloat64))
	if o := m.options; o.Minimum != nil {
		v = max(v, *o.Minimum)
	}
	if o := m.options; o.Maximum != nil {
		v = min(v, *o.Maximum)
	}
	return v
}

// scaled does at for a forecast on the model's scale and reports whether months tell of the lead.
func (o *outlook) scaled(lead int64, levels []float64, mean *float64, lower, upper []float64) bool {
	if !o.m.monthsAhead(lead) {
		return false
	}
	s := &o.m.fit.scale
	v := s.out(*mean)
	for i := range lower {
		lower[i], upper[i] = s.out(lower[i]), s.out(upper[i])
	}
	o.at(lead, levels, &v, lower, upper)
	*mean = s.in(v)
	for i := range lower {
		lower[i], upper[i] = s.in(lower[i]), s.in(upper[i])
	}
	return true
}

// monthsQuality is how forecasts of that lead did at past origins, where the horizon has not come true since the model
// was made.
func (m *Model) monthsQuality(lead int64) Quality {
	if !m.monthsAhead(lead) {
		return Quality{Coverage: math.NaN(), Skill: math.NaN()}
	}
	q := m.months.QualityAt(float64(lead) / float64(day))
	return Quality{Coverage: q.Coverage, Skill: q.Skill}
}

func (f *months) code(c *codec.Coder) {
	c.Int64(&f.today)
	c.Float64(&f.sum)
	c.Int(&f.n, 0, math.MaxInt32)
	c.Int(&f.odd, 0, f.n)
	c.Part("months", &f.Model)
}
