// Package longterm forecasts a series months ahead, from the means of its days: level, growth and a yearly season.
//
// All is learnt from means of whole weeks, which hold no weekday. A few simple members forecast them; their weights and
// the width of the interval come from their own errors at past origins. What a weekday or an hour adds is the caller's.
package longterm

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const (
	week       = 7
	year       = 365.25 / week
	maxDays    = 5*366 + week // remembered
	leastWeeks = 26           // to forecast from
	minWeeks   = 13           // before an origin of the backtest
	yearWeeks  = 52           // that the year-ago member looks back
	largest    = 1e37         // mean that is held; single precision ends soon after
	refitDays  = 7            // from one fit to the next
	seasonFrom = 2*yearWeeks - 2
)

// leads are the weeks ahead at which errors are measured, and weights and widths learnt.
var leads = [...]int{2, 4, 8, 13, 26, 39, 52, 78, 104}

// Model learns one series. It is not safe for concurrent use. The zero Model has seen nothing.
type Model struct {
	days  []float32 // means of days, the newest last; NaN: missing
	odd   []bool    // the same days: what happened on it was not usual
	last  int64     // number of the newest day
	since int       // days since the fit
	fit   fit
}

// fit is what was learnt of the weeks. It has a fixed size.
type fit struct {
	Done, Seasonal bool
	State          state
	Weights        [len(leads)][numMembers]float64
	Spread         [len(leads)]float64 // root mean square of the errors, in units of State.unit
	Freedom        [len(leads)]float64 // independent errors behind it
	Quality        [len(leads)]Quality
	Edges          [2 * edgeDays]float64 // factors of the first and last days of months
}

// Quality tells how forecasts of weekly means that far ahead did at past origins, each made from what was there then.
type Quality struct {
	Origins  int32   // whose target has come; 0: none
	Coverage float64 // share of them inside the interval at the level asked for while fitting
	Skill    float64 // 1 - error / error of the last week's mean
}

// Observe learns the mean of a day, days since 1970; days left out are missing, those not after the newest are ignored. One
// that is odd tells of the ends of months only.
func (m *Model) Observe(day int64, mean float64, odd bool) {
	if len(m.days) > 0 {
		if day <= m.last {
			return
		}
		if day-m.last > maxDays {
			m.days, m.odd = m.days[:0], m.odd[:0]
		} else {
			for range day - m.last - 1 {
				m.days, m.odd = append(m.days, float32(math.NaN())), append(m.odd, false)
				m.since++
			}
		}
	}
	if math.Abs(mean) > largest {
		mean = math.NaN()
	}
	m.days, m.odd = append(m.days, float32(mean)), append(m.odd, odd)
	m.last = day
	m.since++
	if extra := len(m.days) - maxDays; extra > 0 {
		m.days, m.odd = append(m.days[:0], m.days[extra:]...), append(m.odd[:0], m.odd[extra:]...)
	}
}

// Newest is the number of the newest day.
func (m *Model) Newest() int64 { return m.last }

// Ready reports whether there are forecasts: half a year of days was there at the last fit.
func (m *Model) Ready() bool { return m.fit.Done }

// Season reports whether a yearly season was found.
func (m *Model) Season() bool { return m.fit.Done && m.fit.Seasonal }

// Fit learns anew if a week has passed since it last did. level is that of the intervals whose coverage is measured.
func (m *Model) Fit(level float64) {
	if m.fit.Done && m.since < refitDays {
		return
	}
	edges := m.findEdges()
	y := m.weeks(&edges)
	if len(y) < leastWeeks {
		m.fit = fit{}
		return
	}
	m.since = 0
	m.fit = learn(y)
	m.fit.Edges = edges
	m.fit.judge(y, level)
}

// weeks gives the means of whole weeks back from the newest day, in order. Missing weeks at the beginning are left out,
// others are as the week before. Where a weekday is missing, what it is beside its week is added first. What the ends of
// months add is taken off.
func (m *Model) weeks(edges *[2 * edgeDays]float64) []float64 {
	d := slices.Clone(m.days)
	for i := range d {
		if m.odd[i] {
			d[i] = float32(math.NaN())
		} else if e := edge(m.last - int64(len(d)-1-i)); e >= 0 {
			d[i] /= float32(edges[e])
		}
	}
	n := len(d) / week
	d = d[len(d)-n*week:]
	var weekday [week]float64
	for k := range weekday {
		var off []float64
		for w := range n {
			one := d[w*week : (w+1)*week]
			if mean, whole := meanOf(one); whole && w >= n-leastWeeks {
				off = append(off, float64(one[k])-mean)
			}
		}
		if len(off) > 0 {
			weekday[k] = numeric.Median(off)
		}
	}
	y := make([]float64, 0, n)
	for w := range n {
		sum, seen := 0.0, 0
		for k, v := range d[w*week : (w+1)*week] {
			if v == v {
				sum += float64(v) - weekday[k]
				seen++
			}
		}
		switch {
		case seen > week/2:
			y = append(y, sum/float64(seen))
		case len(y) > 0:
			y = append(y, y[len(y)-1])
		}
	}
	return y
}

func meanOf(v []float32) (mean float64, whole bool) {
	for _, x := range v {
		mean += float64(x) / float64(len(v))
	}
	return mean, mean == mean
}
