package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

// TestLiveIsOffline: a model that followed a series for weeks with refits on the way, and one fitted once to what the
// first remembers, forecast alike after a refit.
func TestLiveIsOffline(t *testing.T) {
	for _, step := range []time.Duration{2 * time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 6 * time.Hour} {
		o := &Options{Step: step.Milliseconds(), Level: 0.95}
		perDay := int(24 * time.Hour / step)
		weeks := min(max(5*7*perDay, 2000), 25_000)
		if step >= time.Hour {
			weeks = 2 * longSize
		}
		v := make1("daily", 2, weeks+perDay/2+3, perDay)
		live := New(o)
		from := start / o.Step * o.Step
		for i, x := range v {
			live.Observe(from+int64(i)*o.Step, x, false)
			if live.Due() {
				live.Refit()
			}
		}
		live.Refit()
		keep := 28 * perDay
		if step >= time.Hour {
			keep = longSize + blockLen
		}
		skip := len(v) - min(keep+perDay, len(v))
		offline := New(o)
		feed(offline, from+int64(skip)*o.Step, v[skip:])
		offline.Refit()
		leads := leadsOf(o.Step, 1, 2, perDay+1, 3*perDay)
		a, b := live.Forecast(nil, leads, []float64{0.8}), offline.Forecast(nil, leads, []float64{0.8})
		for i := range a {
			if a[i].Mean != b[i].Mean {
				t.Errorf("%s lead %s: live %v, offline %v", step, leads[i], a[i].Mean, b[i].Mean)
			}
		}
	}
}

// TestNothingOfTheFuture: what is said up to a moment is the same whatever comes after it.
func TestNothingOfTheFuture(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.95, Horizons: []time.Duration{time.Hour}}
	rnd := rand.New(rand.NewPCG(7, 7))
	v := make1("daily", 7, 6*288, 288)
	cut := 4*288 + 100
	run := func(v []float64) (said []interval.Interval) {
		m := New(o)
		for i, x := range v {
			at := start/o.Step*o.Step + int64(i)*o.Step
			said = append(said, m.Expect(at))
			m.Observe(at, x, false)
			if m.Due() {
				m.Refit()
			}
		}
		return said
	}
	want := run(v)
	for i := cut; i < len(v); i++ {
		v[i] = 1000 * rnd.NormFloat64()
	}
	got := run(v)
	for i := range cut + 1 {
		if want[i] != got[i] && want[i].Mean == want[i].Mean {
			t.Fatalf("the expectation of sample %d changed with samples from %d on: %+v, %+v", i, cut, want[i], got[i])
		}
	}
	if want[cut+50] == got[cut+50] {
		t.Fatal("later samples change nothing")
	}
}

// TestScaleEquivariance: a series in other units has its forecasts in those, and a high level moves with its offset.
func TestScaleEquivariance(t *testing.T) {
	for _, step := range []time.Duration{5 * time.Minute, time.Hour} {
		o := &Options{Step: step.Milliseconds(), Level: 0.95}
		perDay := int(24 * time.Hour / step)
		for _, c := range []struct{ factor, offset0, offset1 float64 }{
			{8, 0, 0}, {1.0 / 1024, 0, 0}, {-1, 1 << 20, 1 << 20}, {1, 1 << 20, 1 << 22}, {1 << 30, 0, 0},
		} {
			v := make1("daily", 3, 10*perDay, perDay)
			u := make([]float64, len(v))
			for i := range v {
				v[i] += c.offset0
				u[i] = c.factor*(v[i]-c.offset0) + c.offset1
			}
			leads := leadsOf(o.Step, 1, 2, perDay/3, perDay)
			a, b := fitted(o, v).Forecast(nil, leads, []float64{0.8}), fitted(o, u).Forecast(nil, leads, []float64{0.8})
			for i := range a {
				want, got := c.factor*(a[i].Mean-c.offset0), b[i].Mean-c.offset1
				width := math.Abs(c.factor) * (a[i].Upper[0] - a[i].Lower[0])
				tolerance := 0.02
				if c.factor < 0 { // asinh of a series upside down is another
					tolerance = 0.3
				}
				if math.Abs(want-got) > tolerance*width {
					t.Errorf("%s %+v lead %s: want %v, got %v, width %v", step, c, leads[i], want, got, width)
				}
			}
		}
	}
}

// TestCoverage: on series whose noise is known, intervals hold what they say.
func TestCoverage(t *testing.T) {
	levels := []float64{0.5, 0.8, 0.95}
	for _, step := range []time.Duration{5 * time.Minute, time.Hour} {
		perDay := int(24 * time.Hour / step)
		for _, c := range []struct {
			name     string
			persists float64
		}{{"independent", 0}, {"autoregressive", 0.9}} {
			in := make([]int, len(levels))
			n := 0
			const series = 30
			for s := range uint64(series) {
				rnd := rand.New(rand.NewPCG(s, 11))
				o := &Options{Step: step.Milliseconds(), Level: 0.95}
				var v []float64
				e := 0.0
				for i := range 22 * perDay {
					e = c.persists*e + rnd.NormFloat64()
					v = append(v, 50+10*math.Sin(2*math.Pi*float64(i)/float64(perDay))+e)
				}
				m := fitted(o, v[:21*perDay])
				leads := leadsOf(o.Step, 1, 2, perDay/24+1, perDay/4, perDay/2, perDay*3/4, perDay)
				for i, f := range m.Forecast(nil, leads, levels) {
					y := v[21*perDay-1+int(leads[i].Milliseconds()/o.Step)]
					for j := range levels {
						in[j] += numeric.OneIf(f.Lower[j] <= y && y <= f.Upper[j])
					}
					n++
				}
			}
			for j, level := range levels {
				got := float64(in[j]) / float64(n)
				// three standard deviations of as many draws, half of them independent, and a share for the fit
				if d := 3*math.Sqrt(2*level*(1-level)/float64(n)) + 0.02; math.Abs(got-level) > d {
					t.Errorf("%s %s: level %v holds %.3f, more than %.3f off", step, c.name, level, got, d)
				}
			}
		}
	}
}

// TestExpectationsHold: expectations cover what they say online, and the quality of horizons is measured.
func TestExpectationsHold(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.9, Horizons: []time.Duration{time.Hour, 6 * time.Hour}}
	v := make1("daily", 6, 24*288, 288)
	m := New(o)
	in, n := 0, 0
	for i, x := range v {
		at := start/o.Step*o.Step + int64(i)*o.Step
		if e := m.Expect(at); i > 12*288 {
			in += numeric.OneIf(e.Lower <= x && x <= e.Upper)
			n++
		}
		m.Observe(at, x, false)
		if m.Due() {
			m.Refit()
		}
	}
	if got := float64(in) / float64(n); got < 0.87 || got > 0.93 {
		t.Errorf("expectations at level 0.9 hold %.3f", got)
	}
	for i, h := range o.Horizons {
		q := m.Quality(i)
		if q.Coverage < 0.8 || q.Coverage > 0.99 || q.Skill < 0.1 || q.Skill > 0.5 {
			t.Errorf("%s: quality %+v", h, q)
		}
	}
	if i := m.Info(); i.Status != OK || len(i.Seasons) != 1 || i.Seasons[0] != 24*time.Hour {
		t.Errorf("info %+v", i)
	}
	if q := m.Quality(2); q.Coverage == q.Coverage {
		t.Errorf("quality of no horizon: %+v", q)
	}
}

// TestLevelShift: a new level asks for a refit and is forecast after it, also where nothing called it an anomaly.
func TestLevelShift(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.95}
	m := New(o)
	v := make1("daily", 5, 9*288, 288)
	refits := 0
	for i, x := range v {
		if i > 8*288+50 {
			x += 400
		}
		at := start/o.Step*o.Step + int64(i)*o.Step
		m.Observe(at, x, false)
		if m.Due() {
			m.Refit()
			refits++
		}
	}
	got := m.Forecast(nil, leadsOf(o.Step, 1, 12, 36), []float64{0.95})
	for _, f := range got {
		if f.Mean < 430 || f.Mean > 560 {
			t.Errorf("lead %s: %v, want about 500 (%d refits)", f.Lead, f.Mean, refits)
		}
	}
	if refits < 9 || refits > 14 {
		t.Errorf("%d refits in nine days", refits)
	}
}

// TestFallback: a combination that does worse than seasonal naive gives way to it and says so.
func TestFallback(t *testing.T) {
	o := &Options{Step: 3_600_000, Level: 0.95, Horizons: []time.Duration{time.Hour}}
	v := make1("daily", 5, 800, 24)
	m := fitted(o, v)
	if m.Info().Model == "seasonal_naive" {
		t.Fatal("fallback without need")
	}
	m.tracker.horizons[0] = horizonTracker{weight: 80, own: 3, naive: 2}
	m.Refit()
	if got := m.Info().Model; got != "seasonal_naive" {
		t.Fatalf("model %s", got)
	}
	for i, f := range m.Forecast(nil, leadsOf(o.Step, 1, 2, 24, 25), []float64{0.9}) {
		want := m.Lag([]int{23, 22, 0, 23}[i])
		if math.Abs(f.Mean-want) > 1e-6*math.Abs(want) || !(f.Lower[0] < f.Mean && f.Mean < f.Upper[0]) {
			t.Errorf("lead %s: want %v, got %+v", f.Lead, want, f)
		}
	}
	m.tracker.horizons[0].own = 1.97
	if m.Refit(); m.Info().Model != "seasonal_naive" {
		t.Fatal("came back before the combination was clearly better")
	}
	m.tracker.horizons[0].own = 1.8
	if m.Refit(); m.Info().Model == "seasonal_naive" {
		t.Fatal("did not come back")
	}
}

// TestSummerTime: with a location, a daily pattern follows local time over a change of the clock.
func TestSummerTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []time.Time{time.Date(2025, 3, 30, 1, 0, 0, 0, time.UTC), time.Date(2025, 10, 26, 1, 0, 0, 0, time.UTC)} {
		for _, step := range []time.Duration{2 * time.Minute, 5 * time.Minute, time.Hour} {
			for _, after := range []time.Duration{-5 * time.Hour, 30 * time.Hour} { // where the forecast is made
				value := func(at time.Time) float64 {
					return float64(100 * numeric.OneIf(at.In(berlin).Hour() >= 8 && at.In(berlin).Hour() < 18))
				}
				errs := [2]float64{}
				for i, location := range []*time.Location{nil, berlin} {
					m := New(&Options{Step: step.Milliseconds(), Level: 0.95, Location: location})
					origin := change.Add(after)
					for at := origin.Add(-15 * 24 * time.Hour); !at.After(origin); at = at.Add(step) {
						m.Observe(at.UnixMilli(), value(at), false)
					}
					m.Refit()
					var n []int
					for l := range int(36 * time.Hour / step) {
						n = append(n, l+1)
					}
					for _, f := range m.Forecast(nil, leadsOf(step.Milliseconds(), n...), nil) {
						errs[i] += math.Abs(f.Mean-value(origin.Add(f.Lead))) / float64(len(n))
					}
				}
				if errs[1] > 1.5 || errs[1] > errs[0]/2 {
					t.Errorf("%s %s after %s: error %.2f in UTC, %.2f in local time", step, after, change, errs[0], errs[1])
				}
			}
		}
	}
}

// TestNoAllocations: neither observing nor forecasting allocates.
func TestNoAllocations(t *testing.T) {
	o := &Options{Step: 300_000, Level: 0.95, Horizons: []time.Duration{time.Hour, 24 * time.Hour}}
	m := fitted(o, make1("daily", 1, 3000, 288))
	leads, levels := leadsOf(o.Step, 1, 12, 72, 288), []float64{0.95}
	dst := m.Forecast(nil, leads, levels)
	if n := testing.AllocsPerRun(500, func() { m.Observe(m.End()+o.Step, 100, false) }); n > dropped {
		t.Errorf("%v allocations a sample", n)
	}
	if n := testing.AllocsPerRun(100, func() { dst = m.Forecast(dst, leads, levels) }); n > dropped {
		t.Errorf("%v allocations a forecast", n)
	}
}
