package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// ask fits v and returns the forecasts at leads, with an interval of 95 %.
func ask(t *testing.T, step time.Duration, v []float64, leads ...time.Duration) (*Model, []Forecast) {
	t.Helper()
	m := fitted(&Options{Step: step.Milliseconds(), Level: 0.95}, v)
	f := m.Forecast(nil, leads, []float64{0.95})
	return m, f
}

// TestLines: a line goes on, has no season, and is no edge of its interval, after days as after weeks, below zero as above,
// and near the largest numbers there are.
func TestLines(t *testing.T) {
	const noise = 0.1
	for name, line := range map[string]struct{ at, slope float64 }{
		"rising": {5, 12}, "falling": {5000, -12}, "through zero": {-24, 2}, "largest": {4e307, 4e306},
	} {
		for _, step := range []time.Duration{time.Minute, 5 * time.Minute, time.Hour} {
			perDay := float64(24 * time.Hour / step)
			for _, days := range []float64{3, 12} {
				rnd := rand.New(rand.NewPCG(3, uint64(days)))
				at := func(i int) float64 { return line.at + line.slope*(float64(i)/perDay) }
				v := make([]float64, int(days*perDay))
				for i := range v {
					v[i] = at(i) + noise*math.Abs(line.slope)/12*rnd.NormFloat64()
				}
				m, f := ask(t, step, v, time.Hour, 8*time.Hour, 24*time.Hour)
				for _, f := range f {
					want := at(len(v) - 1 + int(f.Lead/step))
					if off := math.Abs(f.Mean-want) / math.Abs(line.slope); !(off < 0.05) {
						t.Errorf("%s, %s, %v days, lead %s: want %v, got %v", name, step, days, f.Lead, want, f.Mean)
					}
					if f.Mean == f.Lower[0] || f.Mean == f.Upper[0] {
						t.Errorf("%s, %s, %v days, lead %s: %v is an edge of [%v, %v]", name, step, days, f.Lead, f.Mean, f.Lower[0], f.Upper[0])
					}
				}
				if s := m.Info().Seasons; len(s) > 0 {
					t.Errorf("%s, %s, %v days: a line has the seasons %v", name, step, days, s)
				}
			}
		}
	}
}

// TestPeriodTwo: a series that goes up and down at every step is forecast as it goes on.
func TestPeriodTwo(t *testing.T) {
	for _, step := range []time.Duration{5 * time.Minute, time.Hour} {
		n := int(3 * 24 * time.Hour / step)
		v := make([]float64, n)
		for i := range v {
			v[i] = 5 + 3*float64(i%2)
		}
		_, f := ask(t, step, v, step, 2*step, 9*step)
		for _, f := range f {
			if want := 5 + 3*float64((n-1+int(f.Lead/step))%2); math.Abs(f.Mean-want) > 0.1 {
				t.Errorf("%s, lead %s: want %v, got %v", step, f.Lead, want, f.Mean)
			}
		}
	}
}

// TestWeeklyEvent: what happens for two hours every Sunday is foreseen at minutes, at its hours and no others, and its interval
// holds it; a week of two kinds of days has no events.
func TestWeeklyEvent(t *testing.T) {
	const step, size = 5 * time.Minute, 200.
	perDay := int(24 * time.Hour / step)
	event := func(at time.Time) bool { return at.Weekday() == time.Sunday && at.Hour() >= 17 && at.Hour() < 19 }
	rnd := rand.New(rand.NewPCG(8, 8))
	from := time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC) // a Monday
	plain := func(i int) float64 { return 250 + 60*math.Sin(2*math.Pi*float64(i)/float64(perDay)) }
	m := New(&Options{Step: step.Milliseconds(), Level: 0.95})
	n := 27*perDay - perDay/2 // until Saturday noon
	for i := range n {
		at := from.Add(time.Duration(i) * step)
		v := plain(i) + 5*rnd.NormFloat64()
		if event(at) {
			v += size
		}
		m.Observe(at.UnixMilli(), v, false)
		if m.Due() {
			m.Refit()
		}
	}
	var leads []time.Duration
	for i := range 2 * perDay {
		leads = append(leads, time.Duration(i+1)*step)
	}
	for i, f := range m.Forecast(nil, leads, []float64{0.95}) {
		want := plain(n + i)
		at := from.Add(time.Duration(n+i) * step)
		if event(at) {
			want += size
			if f.Lower[0] > want || f.Upper[0] < want {
				t.Errorf("%s: want %v inside of [%v, %v]", at, want, f.Lower[0], f.Upper[0])
			}
		}
		if math.Abs(f.Mean-want) > size/4 {
			t.Errorf("%s: want %v, got %v", at, want, f.Mean)
		}
	}
	if len(m.fit.events) != 2 {
		t.Errorf("want two hours of the week to be events, got %v", m.fit.events)
	}
	week := make([]float64, 4*hoursAWeek)
	for i := range week {
		week[i] = 10 + 50*float64(numeric.OneIf(i/hoursADay%7 > 4)) + rnd.NormFloat64()
	}
	if e := findEvents(week, int64(len(week)-1)); len(e) != 0 {
		t.Errorf("weekends are events: %v", e)
	}
}

// TestFollowsARunaway: a climb that is held for an anomaly is not what is expected, but near forecasts follow it within
// hours.
func TestFollowsARunaway(t *testing.T) {
	const step = 5 * time.Minute
	rnd := rand.New(rand.NewPCG(2, 2))
	m := New(&Options{Step: step.Milliseconds(), Level: 0.95})
	at := start / step.Milliseconds() * step.Milliseconds()
	for range 27 * 288 {
		m.Observe(at, 295+2*rnd.NormFloat64(), false)
		if at += step.Milliseconds(); m.Due() {
			m.Refit()
		}
	}
	v := 295.
	for i := range 60 {
		v += 13.6 / 12
		m.Observe(at, v, true)
		at += step.Milliseconds()
		switch f := m.Forecast(nil, []time.Duration{step}, nil)[0].Mean; {
		case i == 23 && f < 295+(v-295)/2:
			t.Errorf("two hours after the climb from 295 began it is at %v, and forecast at %v", v, f)
		case i == 59 && math.Abs(f-v) > 6:
			t.Errorf("five hours after the climb from 295 began it is at %v, and forecast at %v", v, f)
		}
	}
	if e := m.Expect(at).Mean; math.Abs(e-295) > 3 {
		t.Errorf("the expectation went from 295 to %v", e)
	}
}
