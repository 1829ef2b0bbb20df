package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// yearly is a service with growth, a year, weekdays and hours, without noise.
func yearly(t int64) float64 {
	d := float64(t) / float64(day)
	years := (d - 20_000) / 365.25
	growth := 1 + 0.3*years
	season := 1 + 0.25*math.Sin(2*math.Pi*years+1) + 0.1*math.Sin(4*math.Pi*years)
	weekday := [7]float64{1.1, 1.15, 0.8, 0.75, 1.1, 1.1, 1}[numeric.Modulo(t/day, 7)] // the first day was a Thursday
	hours := 1 - 0.4*math.Cos(2*math.Pi*(d-math.Floor(d)))
	return 1000 * growth * season * weekday * hours
}

// TestMonthsAhead: with two years of days, forecasts of months ahead hold growth, year, weekday and hour, at both steps,
// and are far nearer than a year ago and than a line; their intervals hold.
func TestMonthsAhead(t *testing.T) {
	const first, days = 20_000, 731
	for _, step := range []time.Duration{time.Hour, 24 * time.Hour} {
		var off, naive, straight, inside, n float64
		for seed := range uint64(6) {
			o := &Options{Step: step.Milliseconds(), Level: 0.95, Months: true, Horizons: []time.Duration{90 * 24 * time.Hour, 700 * 24 * time.Hour}}
			rnd := rand.New(rand.NewPCG(seed, 5))
			m := New(o)
			end := int64(first+days)*day - o.Step
			var seen []float64
			slow := 0.0
			for at := int64(first) * day; at <= end; at += o.Step {
				slow += float64(o.Step) / float64(7*day) * (-slow)
				slow += 0.04 * math.Sqrt(2*float64(o.Step)/float64(7*day)) * rnd.NormFloat64()
				v := yearly(at) * (1 + slow) * (1 + 0.03*rnd.NormFloat64())
				seen = append(seen, v)
				m.Observe(at, v, false)
			}
			m.Refit()
			perDay := int(day / o.Step)
			a, b := lineOf(seen)
			var leads []time.Duration
			for d := 20; d <= 364; d += 11 {
				for h := 0; h < perDay; h += 5 {
					leads = append(leads, time.Duration(d*perDay+h)*step)
				}
			}
			for _, f := range m.Forecast(nil, leads, []float64{0.95}) {
				ahead := int(f.Lead / step)
				truth := yearly(end + f.Lead.Milliseconds())
				came := truth * (1 + 0.05*rnd.NormFloat64())
				off += math.Abs(f.Mean - truth)
				naive += math.Abs(seen[len(seen)-1+ahead-364*perDay] - truth)
				straight += math.Abs(a + b*float64(len(seen)-1+ahead) - truth)
				inside += float64(numeric.OneIf(came >= f.Lower[0] && came <= f.Upper[0]))
				n++
			}
			if q := m.Quality(0); !(q.Coverage > 0.7) || !(q.Skill > -0.3) { // no past origin had two years
				t.Errorf("step %v: forecasts of three months did %+v, want them measured", step, q)
			}
			if q := m.Quality(1); q.Coverage == q.Coverage || q.Skill == q.Skill {
				t.Errorf("step %v: no forecast of 700 days has come true in two years, yet they did %+v", step, q)
			}
		}
		t.Logf("step %v: error over that of a year ago %.2f, of a line %.2f; %.3f inside", step, off/naive, off/straight, inside/n)
		if off > 0.4*naive || off > 0.4*straight {
			t.Errorf("step %v: the error is %.2f of that of a year ago and %.2f of that of a line, want 0.4 of both", step, off/naive, off/straight)
		}
		if inside < 0.9*n {
			t.Errorf("step %v: %.3f are inside the interval, want 0.95", step, inside/n)
		}
	}
}

// TestMonthEnds: with two years of days, what every month's first and last days add is foreseen, the next day and months
// ahead, and the days after them are as without.
func TestMonthEnds(t *testing.T) {
	factor := func(at int64) float64 {
		switch d := time.UnixMilli(at).UTC(); {
		case d.Day() == 1:
			return 1.6
		case d.AddDate(0, 0, 1).Day() == 1:
			return 1.4
		}
		return 1
	}
	for _, step := range []int64{hour, day} {
		first := time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		for _, end := range []time.Time{
			time.Date(2026, 8, 30, 23, 0, 0, 0, time.UTC), time.Date(2026, 8, 31, 23, 0, 0, 0, time.UTC), time.Date(2026, 9, 1, 23, 0, 0, 0, time.UTC),
		} {
			m := New(&Options{Step: step, Level: 0.95, Months: true})
			rnd := rand.New(rand.NewPCG(3, 5))
			for at := first; at <= end.UnixMilli(); at += step {
				m.Observe(at, yearly(at)*factor(at)*(1+0.02*rnd.NormFloat64()), false)
				if m.Due() && at > end.UnixMilli()-40*day {
					m.Refit()
				}
			}
			m.Refit()
			last := m.End()
			var leads []time.Duration
			for at := last + step; at <= last+125*day; at += step {
				if d := (at - last - 1) / day; d < 3 || d > 118 {
					leads = append(leads, time.Duration(at-last)*time.Millisecond)
				}
			}
			off, all := map[bool]float64{}, map[bool]float64{}
			for _, f := range m.Forecast(nil, leads, nil) {
				at := last + f.Lead.Milliseconds()
				special := factor(at) != 1
				want := yearly(at) * factor(at)
				off[special] += math.Abs(f.Mean - want)
				all[special] += want
			}
			if off[true] > 0.12*all[true] || off[false] > 0.12*all[false] {
				t.Errorf("step %d h, from %v: the error is %.2f at the ends of months and %.2f between, want 0.12 of the values",
					step/hour, end, off[true]/all[true], off[false]/all[false])
			}
		}
	}
}

// lineOf fits a line by least squares.
func lineOf(v []float64) (a, b float64) {
	n := float64(len(v))
	mean, sxy, sxx := 0.0, 0.0, 0.0
	for i, y := range v {
		x := float64(i) - (n-1)/2
		mean += y / n
		sxy += x * y
		sxx += x * x
	}
	b = sxy / sxx
	return mean - b*(n-1)/2, b
}

// TestMonthsChangeNothingNear: up to two weeks forecasts are what they are without, and from there on they join.
func TestMonthsChangeNothingNear(t *testing.T) {
	o := &Options{Step: hour, Level: 0.95}
	with := *o
	with.Months = true
	a, b := New(o), New(&with)
	for at := int64(20_000) * day; at < 20_400*day; at += hour {
		a.Observe(at, yearly(at), false)
		b.Observe(at, yearly(at), false)
	}
	a.Refit()
	b.Refit()
	var leads []time.Duration
	for h := 1; h <= 40*24; h++ {
		leads = append(leads, time.Duration(h)*time.Hour)
	}
	x, y := a.Forecast(nil, leads, []float64{0.8}), b.Forecast(nil, leads, []float64{0.8})
	for i := range leads {
		if i < 14*24 && (x[i].Mean != y[i].Mean || x[i].Lower[0] != y[i].Lower[0] || x[i].Upper[0] != y[i].Upper[0]) {
			t.Fatalf("%v ahead: %v, without months %v", leads[i], y[i], x[i])
		}
		if i >= 7*24 && math.Abs(y[i].Mean/y[i-7*24].Mean-1) > 0.1 {
			t.Errorf("%v ahead %v is expected, a week before that %v", leads[i], y[i].Mean, y[i-7*24].Mean)
		}
		if one := b.Forecast(nil, leads[i:i+1], []float64{0.8})[0]; i%97 == 0 && math.Abs(one.Mean-y[i].Mean) > 1e-6*y[i].Mean {
			t.Errorf("%v ahead: %v among others, %v alone", leads[i], y[i].Mean, one.Mean)
		}
	}
}

// TestMonthsBounds: growth goes on beyond what was seen, but neither above the maximum nor, falling, below zero.
func TestMonthsBounds(t *testing.T) {
	most := 2000.0
	for _, c := range []struct {
		slope   float64
		maximum *float64
		at      [2]float64 // least and most a year ahead
	}{
		{2, nil, [2]float64{2000, 2600}},
		{2, &most, [2]float64{1900, 2000}},
		{-2, nil, [2]float64{0, 100}},
	} {
		o := &Options{Step: day, Level: 0.95, Months: true, Maximum: c.maximum, Seasons: []time.Duration{}}
		m := New(o)
		for i := range 400 {
			v := 800 + c.slope*float64(i)
			if c.slope < 0 {
				v += 100
			}
			m.Observe(int64(20_000+i)*day, v, false)
		}
		m.Refit()
		f := m.Forecast(nil, []time.Duration{365 * 24 * time.Hour}, []float64{0.95})[0]
		if f.Mean < c.at[0] || f.Mean > c.at[1] || f.Lower[0] < 0 || c.maximum != nil && f.Upper[0] > most {
			t.Errorf("a slope of %v a day is forecast as %+v after a year, want from %v to %v", c.slope, f, c.at[0], c.at[1])
		}
	}
}

// TestMonthsAndDaysHoldTheContract: whatever the series, forecasts near and months ahead are finite, inside their
// intervals, and these nested, with special days on the way.
func TestMonthsAndDaysHoldTheContract(t *testing.T) {
	for _, step := range []int64{hour, day} {
		o := &Options{Step: step, Level: 0.95, Months: true, Horizons: []time.Duration{60 * 24 * time.Hour}, Location: berlin(t)}
		for d := int64(19_600); d < 21_000; d += 17 {
			o.Days = append(o.Days, SpecialDay{Number: d, Kind: uint8(1 + d%2)})
		}
		perDay := int(day / step)
		var leads []time.Duration
		for d := 1; d < 700; d += 3 {
			leads = append(leads, time.Duration(int64(d*perDay+d%perDay)*step)*time.Millisecond)
		}
		for name := range shapes {
			for _, f := range []struct{ factor, offset float64 }{{1, 0}, {-1, 0}, {1e300, 0}, {1e-30, 0}, {1, 1e12}, {0, 3}} {
				m := New(o)
				for i, v := range make1(name, 3, 400*perDay, perDay) {
					if i%997 > 30 {
						m.Observe(start/step*step+int64(i)*step, v*f.factor+f.offset, i%211 < 3)
					}
				}
				m.Refit()
				all := m.Forecast(nil, leads, []float64{0.5, 0.95})
				if m.fit.done && len(all) != len(leads) { // nothing is fitted to infinite values
					t.Fatalf("%s: %d forecasts, want %d", name, len(all), len(leads))
				}
				for _, x := range all {
					if !(x.Lower[1] <= x.Lower[0] && x.Lower[0] <= x.Mean && x.Mean <= x.Upper[0] && x.Upper[0] <= x.Upper[1]) ||
						math.IsInf(x.Lower[1], 0) || math.IsInf(x.Upper[1], 0) {
						t.Fatalf("%s times %g plus %g at steps of %d h: %+v", name, f.factor, f.offset, step/hour, x)
					}
				}
			}
		}
	}
}
