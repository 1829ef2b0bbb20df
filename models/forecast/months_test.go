package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// yearly is a service with growth, a year, weekdays and hours, without noise.
func yearly(t int64) float64 {
	d := float64(t) / float64(day)
	years := (d - 20_000) / 365.25
	growth := 1 + 0.3*years
	season := 1 + 0.25*math.Sin(2*math.Pi*years+1) + 0.1*math.Sin(4*math.Pi*years)
	weekday := [7]float64{1.1, 1.15, 0.8, 0.75, 1.1, 1.1, 1}[modulo(t/day, 7)] // the first day was a Thursday
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
				inside += float64(oneIf(came >= f.Lower[0] && came <= f.Upper[0]))
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

// TestMonthsState: a restart changes nothing of what is said of months.
func TestMonthsState(t *testing.T) {
	o := &Options{Step: hour, Level: 0.95, Months: true, Horizons: []time.Duration{60 * 24 * time.Hour}}
	m, n := New(o), New(o)
	for at := int64(20_000) * day; at < 20_300*day+7*hour; at += hour {
		m.Observe(at, yearly(at), false)
	}
	m.Refit()
	b, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	lead := []time.Duration{200 * 24 * time.Hour}
	for at := m.End() + hour; at < 20_305*day; at += hour {
		m.Observe(at, yearly(at), false)
		n.Observe(at, yearly(at), false)
		if x, y := m.Forecast(nil, lead, nil)[0].Mean, n.Forecast(nil, lead, nil)[0].Mean; x != y {
			t.Fatalf("%v is forecast, after a restart %v", x, y)
		}
	}
}
