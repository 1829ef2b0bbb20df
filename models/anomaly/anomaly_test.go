package anomaly

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

const (
	fiveMinutes = 300_000
	rowsOfDay   = 288
)

var noiseSeeds = flag.Int("noise.seeds", 1, "seeds of the noise that the promise is measured on")

func options() *Options { return &Options{FalseEventsPerWeek: .3, Above: true, Below: true} }

// wave is a day's wave, the mean of test series, and how sure a forecaster is of it: 2 % noise.
func within(mean, lower, upper float64) interval.Interval {
	return interval.Interval{Mean: mean, Lower: lower, Upper: upper}
}

func wave(i int) interval.Interval {
	day := 2 * math.Pi * float64(i) / rowsOfDay
	m := 100 - 40*math.Cos(day) + 10*math.Sin(2*day)
	return interval.Interval{Mean: m, Lower: m * .96, Upper: m * 1.04}
}

// traffic is the wave with its noise.
func traffic(days int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([]float64, days*rowsOfDay)
	for i := range rows {
		rows[i] = wave(i).Mean * (1 + .02*random.NormFloat64())
	}
	return rows
}

// scores runs a scorer over rows five minutes apart of which the wave is expected; NaN rows are missing.
func scores(o *Options, rows []float64) ([]Score, []Lesson) {
	s, out, lessons := New(fiveMinutes, o), make([]Score, len(rows)), make([]Lesson, len(rows))
	for i, v := range rows {
		out[i], lessons[i] = s.Observe(int64(i)*fiveMinutes, v, wave(i), false)
	}
	return out, lessons
}

// times multiplies rows in a copy.
func times(rows []float64, from, to int, factor float64) []float64 {
	x := append([]float64(nil), rows...)
	for i := from; i < min(to, len(x)); i++ {
		x[i] *= factor
	}
	return x
}

// onsets are the rows at which an event begins or worsens.
func onsets(s []Score, from int) (at []int) {
	for i := from; i < len(s); i++ {
		if s[i].Onset {
			at = append(at, i)
		}
	}
	return at
}

func largest(s []Score) (most float64) {
	for _, v := range s {
		most = max(most, v.Value)
	}
	return most
}

func median64(s []Score) float64 {
	v := make([]float64, len(s))
	for i := range s {
		v[i] = s[i].Value
	}
	return numeric.Median(v)
}

const noon = 20*rowsOfDay + 144

// The score grows with the size of what is wrong, at every size, on both sides, without a cap.
func TestSeverityIsMonotone(t *testing.T) {
	for seed := range uint64(3) {
		rows := traffic(21, seed)
		last := 0.
		for _, factor := range []float64{1.2, 1.35, 1.5, 2, 3, 5, 10, 1e3, 1e6} {
			s, _ := scores(options(), times(rows, noon, noon+12, factor))
			got := largest(s[noon : noon+12])
			if got <= last {
				t.Errorf("seed %d: times %g scores %.2f, no more than what is smaller (%.2f)", seed, factor, got, last)
			}
			last = got
		}
		s, _ := scores(options(), times(rows, noon, noon+12, .5))
		if got := largest(s[noon : noon+12]); got <= 1 {
			t.Errorf("seed %d: half of it scores %.2f", seed, got)
		}
	}
}

// Mild, then worse, then over: the score follows, and the event has one start.
func TestMildThenWorse(t *testing.T) {
	for seed := range uint64(3) {
		rows := times(times(traffic(22, seed), noon, noon+36, 1.3), noon+36, noon+60, 3)
		s, _ := scores(options(), rows)
		mild, worse, after := median64(s[noon:noon+36]), median64(s[noon+36:noon+60]), median64(s[noon+72:noon+96])
		if mild <= 1 || worse < 1.3*mild || after > .3 {
			t.Errorf("seed %d: median score %.2f, then %.2f, then %.2f", seed, mild, worse, after)
		}
		for i := noon + 3; i < noon+60; i++ {
			if s[i].Start != int64(noon)*fiveMinutes {
				t.Fatalf("seed %d: row %d: the event began at %d, want %d", seed, i, s[i].Start, int64(noon)*fiveMinutes)
			}
		}
		if s[noon+60+2*hourRows].Start != 0 {
			t.Errorf("seed %d: two hours after the end there still is an event", seed)
		}
	}
}

// One incident is one event at every settle, without an echo.
func TestOneIncidentOneEvent(t *testing.T) {
	for _, settle := range []time.Duration{6 * time.Hour, 8 * time.Hour, 24 * time.Hour} {
		for _, rowsLong := range []int{6, 24, 48} {
			for seed := range uint64(3) {
				o := options()
				o.Settle = settle
				rows := times(traffic(30, seed), noon, noon+rowsLong, 1.6)
				s, _ := scores(o, rows)
				at := onsets(s, noon-36)
				if len(at) == 0 || at[0] != noon {
					t.Errorf("settle %v, %d rows, seed %d: onsets at %v, want one at %d", settle, rowsLong, seed, at, noon)
				}
				for _, i := range at[min(1, len(at)):] {
					if i >= noon+rowsLong && i < noon+2*rowsOfDay {
						t.Errorf("settle %v, %d rows, seed %d: an onset %d rows after the end", settle, rowsLong, seed, i-noon-rowsLong)
					}
				}
			}
		}
	}
}

// What lasts longer than settle is accepted, from its start on, and then is no event.
func TestSettle(t *testing.T) {
	for _, settle := range []time.Duration{2 * time.Hour, 24 * time.Hour} {
		o := options()
		o.Settle = settle
		_, lessons := scores(o, times(traffic(24, 4), noon, 1<<30, 2))
		at := noon + int(settle.Milliseconds()/fiveMinutes)
		for i := noon; i < at; i++ {
			if !lessons[i].Anomalous {
				t.Fatalf("settle %v: row %d after the shift may be learnt", settle, i-noon)
			}
		}
		if got := lessons[at].Accept; got != int64(noon)*fiveMinutes {
			t.Errorf("settle %v: accepted since %d, want %d", settle, got, int64(noon)*fiveMinutes)
		}
	}
}

// After settle the noise of the new regime is the usual one.
func TestNewNoiseSettles(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	rows := traffic(30, 5)
	for i := noon; i < len(rows); i++ {
		rows[i] = wave(i).Mean * (1 + .12*random.NormFloat64())
	}
	s, _ := scores(options(), rows)
	if got := largest(s[noon : noon+36]); got <= 1 {
		t.Errorf("six times the noise scores %.2f within three hours", got)
	}
	up := 0
	for _, v := range s[noon+2*rowsOfDay:] {
		if v.Value > 1 {
			up++
		}
	}
	if up > 12 {
		t.Errorf("%d rows above 1 from the third day on", up)
	}
}

// Gates decide what is said, never what is learnt.
func TestGatesDoNotChangeWhatIsLearnt(t *testing.T) {
	rows := times(traffic(24, 6), noon, noon+36, 0)
	want, lessons := scores(options(), rows)
	for name, gate := range map[string]func(o *Options){
		"above":    func(o *Options) { o.Below = false },
		"minimum":  func(o *Options) { o.MinimumDeviation = 1e6 },
		"relative": func(o *Options) { o.MinimumRelativeDeviation = 2 },
		"hours":    func(o *Options) { o.Active = func(int64) bool { return false } },
	} {
		o := options()
		gate(o)
		got, also := scores(o, rows)
		for i := range rows {
			if lessons[i] != also[i] {
				t.Fatalf("%s: row %d: %+v is learnt, want %+v", name, i, also[i], lessons[i])
			}
			if got[i].Value != 0 && (got[i].Value != want[i].Value || name == "hours") || got[i].Start != 0 && i >= noon {
				t.Fatalf("%s: row %d: score %+v", name, i, got[i])
			}
		}
	}
}

// An absurd sample is one event, soon over, and as if missing: what comes later scores as it would have.
func TestAbsurdSamples(t *testing.T) {
	later := noon + 2*rowsOfDay
	rows := times(traffic(26, 7), later, later+24, 1.6)
	want, _ := scores(options(), rows)
	for _, absurd := range []float64{1e6, 1e12, 1.8e19, -1e19, math.MaxFloat64} {
		rows[noon] = absurd
		got, lessons := scores(options(), rows)
		if got[noon].Value <= 1 || !lessons[noon].Anomalous {
			t.Errorf("%g: %+v, %+v", absurd, got[noon], lessons[noon])
		}
		if got[noon+3].Value > 1 {
			t.Errorf("%g: a quarter of an hour later the score is %.2f", absurd, got[noon+3].Value)
		}
		for i := later; i < later+24; i++ {
			if math.Abs(got[i].Value-want[i].Value) > .25*want[i].Value {
				t.Fatalf("%g: row %d of the incident scores %.2f, want %.2f", absurd, i-later, got[i].Value, want[i].Value)
			}
		}
	}
}

func TestBoundsAreFlaggedAndNotLearnt(t *testing.T) {
	s := New(fiveMinutes, options())
	for i, v := range traffic(3, 8) {
		s.Observe(int64(i)*fiveMinutes, v, wave(i), false)
	}
	before := s.Yardstick
	got, lesson := s.Observe(s.Last+fiveMinutes, -1, wave(0), true)
	if got.Value <= 1 || got.Part != PartBounds || !got.Onset || got.Start == 0 || !lesson.Missing || !lesson.Anomalous {
		t.Errorf("%+v, %+v", got, lesson)
	}
	if s.Yardstick != before {
		t.Error("it was learnt")
	}
}

// A flat line where the series always moves is an event by itself, also at the height that is expected.
func TestFlatLine(t *testing.T) {
	s, e := New(fiveMinutes, options()), interval.Interval{Mean: 50, Lower: 46, Upper: 54}
	random, found := rand.New(rand.NewPCG(9, 9)), -1
	for i := range 22 * rowsOfDay {
		v := 50 + 2*random.NormFloat64()
		if i >= noon {
			v = 50
		}
		got, _ := s.Observe(int64(i)*fiveMinutes, v, e, false)
		if got.Value > 1 && i >= noon && found < 0 {
			found = i - noon
			if got.Part != PartSpread {
				t.Errorf("part %v, want spread", got.Part)
			}
		}
	}
	if found < 0 || found > 48 {
		t.Errorf("found after %d rows, want at most 48", found)
	}
}

// At the nightly minimum, where noise is small, an outage is as clear as at noon.
func TestOutageAtTheNightlyMinimum(t *testing.T) {
	for _, c := range []struct {
		factor float64
		within int
	}{{0, 3}, {.45, 9}} {
		for seed := range uint64(3) {
			night := 20 * rowsOfDay
			s, _ := scores(options(), times(traffic(21, seed), night, night+24, c.factor))
			found := 0
			for found < 24 && s[night+found].Value <= 1 {
				found++
			}
			if found > c.within {
				t.Errorf("times %g, seed %d: found after %d rows, want at most %d", c.factor, seed, found, c.within)
			}
		}
	}
}

// A job of every night is known on the third; at another time, larger, or much longer it is an event.
func TestNightlyJob(t *testing.T) {
	job := func(days int) []float64 {
		rows := traffic(days, 10)
		for day := 14; day < days; day++ {
			for i := range 5 {
				rows[day*rowsOfDay+24+i] += 50
			}
		}
		return rows
	}
	rows := job(24)
	s, _ := scores(options(), rows)
	if at := onsets(s, 14*rowsOfDay); len(at) == 0 || len(at) > 4 || at[len(at)-1] >= 16*rowsOfDay {
		t.Errorf("onsets at %v, want some on the first two nights and none after", at)
	}
	known := false
	for _, v := range s[17*rowsOfDay : 18*rowsOfDay] {
		known = known || v.Part == PartKnown
	}
	if !known {
		t.Error("nowhere is it said to be known")
	}
	for name, change := range map[string]func(x []float64){
		"another time": func(x []float64) {
			for i := range 5 {
				x[22*rowsOfDay+144+i] += 50
			}
		},
		"larger": func(x []float64) {
			for i := range 5 {
				x[22*rowsOfDay+24+i] += 150
			}
		},
		"longer": func(x []float64) {
			for i := 5; i < 72; i++ {
				x[22*rowsOfDay+24+i] += 50
			}
		},
	} {
		x := job(24)
		change(x)
		if s, _ := scores(options(), x); len(onsets(s, 22*rowsOfDay)) == 0 {
			t.Errorf("%s: no event", name)
		}
	}
}

// kinds of noise, each with what a forecaster that knows it expects.
func kinds() map[string]func(random *rand.Rand) func() (float64, interval.Interval) {
	gauss := func(phi float64) func(*rand.Rand) func() (float64, interval.Interval) {
		return func(random *rand.Rand) func() (float64, interval.Interval) {
			x := 0.
			return func() (float64, interval.Interval) {
				e := within(phi*x, phi*x-1.96, phi*x+1.96)
				x = phi*x + random.NormFloat64()
				return x, e
			}
		}
	}
	return map[string]func(*rand.Rand) func() (float64, interval.Interval){
		"white": gauss(0), "AR": gauss(.95), "walk": gauss(1),
		"heavy": func(random *rand.Rand) func() (float64, interval.Interval) {
			return func() (float64, interval.Interval) {
				chi := 0.
				for range 4 {
					g := random.NormFloat64()
					chi += g * g
				}
				return random.NormFloat64() / math.Sqrt(chi/4), within(0, -2.8, 2.8)
			}
		},
		"counts": func(random *rand.Rand) func() (float64, interval.Interval) {
			return func() (float64, interval.Interval) {
				n, p := 0., random.Float64()
				for p > math.Exp(-3) {
					n++
					p *= random.Float64()
				}
				return n, within(3, 0, 7)
			}
		},
		"sparse": func(random *rand.Rand) func() (float64, interval.Interval) {
			return func() (float64, interval.Interval) {
				if random.Float64() < .01 {
					return float64(1 + random.IntN(3)), interval.Interval{}
				}
				return 0, interval.Interval{}
			}
		},
	}
}

// TestNoisePromise measures the promise of 0.3 on pure noise; -noise.seeds=20 is the full measure.
func TestNoisePromise(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, time.Hour} {
		for name, kind := range kinds() {
			events, weeks := 0, 0.
			for seed := range uint64(*noiseSeeds) {
				next := kind(rand.New(rand.NewPCG(seed, 2)))
				s, ms := New(step.Milliseconds(), options()), step.Milliseconds()
				n := int(max(60_000, 26*week/ms))
				for i := range n {
					v, e := next()
					score, _ := s.Observe(int64(i)*ms, v, e, false)
					if score.Onset && score.Start == int64(i)*ms {
						events++
					}
				}
				weeks += float64(int64(n)*ms) / week
			}
			got := float64(events) / weeks
			t.Logf("%v %s: %.2f false events a week, in %.0f weeks", step, name, got, weeks)
			if most := .35 + 3*math.Sqrt(.35/weeks); got > most {
				t.Errorf("%v %s: %.2f false events a week, want at most %.2f", step, name, got, most)
			}
		}
	}
}

func TestCausality(t *testing.T) {
	a := traffic(12, 1)
	cut := 10 * rowsOfDay
	b := times(a, cut, len(a), 7)
	sa, la := scores(options(), a)
	sb, lb := scores(options(), b)
	for i := range cut {
		if sa[i] != sb[i] || la[i] != lb[i] {
			t.Fatalf("row %d: score changes from %v to %v with later rows", i, sa[i], sb[i])
		}
	}
}

// Scale and shift change nothing.
func TestEquivariance(t *testing.T) {
	rows := times(traffic(12, 3), 10*rowsOfDay, 10*rowsOfDay+6, 1.5)
	want, _ := scores(options(), rows)
	for _, m := range []struct{ scale, shift float64 }{{1e-9, 0}, {1e12, 0}, {1, 1e6}, {-1, 0}, {1024, -77}} {
		s := New(fiveMinutes, options())
		for i, v := range rows {
			e := wave(i)
			lower, upper := e.Lower*m.scale+m.shift, e.Upper*m.scale+m.shift
			got, _ := s.Observe(int64(i)*fiveMinutes, v*m.scale+m.shift,
				within(e.Mean*m.scale+m.shift, min(lower, upper), max(lower, upper)), false)
			if math.Abs(got.Value-want[i].Value) > .02*(1+want[i].Value) {
				t.Fatalf("x*%g+%g: row %d: got %v, want %v", m.scale, m.shift, i, got, want[i])
			}
		}
	}
}

func TestHardSeries(t *testing.T) {
	noise := rand.New(rand.NewPCG(6, 6))
	for name, at := range map[string]func(i int) float64{
		"constant":            func(int) float64 { return 5 },
		"zero":                func(int) float64 { return 0 },
		"coin":                func(int) float64 { return float64(noise.IntN(2)) },
		"huge offset":         func(i int) float64 { return 1e15 + float64(i%3) },
		"1e300":               func(int) float64 { return 1e300 * (1 + .01*noise.NormFloat64()) },
		"extremes":            func(i int) float64 { return math.MaxFloat64 * float64(1-2*(i%2)) },
		"negative zero":       func(i int) float64 { return math.Copysign(0, float64(i%2)-.5) },
		"every other missing": func(i int) float64 { return []float64{math.NaN(), noise.NormFloat64()}[i%2] },
		"infinite at times":   func(i int) float64 { return []float64{math.Inf(1), 1, 2, math.Inf(-1), 1}[i%5] },
	} {
		s, last, events := New(fiveMinutes, options()), 0., 0
		for i := range 42 * rowsOfDay {
			v := at(i)
			got, _ := s.Observe(int64(i)*fiveMinutes, v, within(last, last, last), false)
			if got.Value-got.Value != 0 || got.Value < 0 || got.ReturnPeriod-got.ReturnPeriod != 0 {
				t.Fatalf("%s: row %d: score %v", name, i, got)
			}
			if got.Onset && i >= 28*rowsOfDay {
				events++
			}
			if v-v == 0 {
				last = v
			}
		}
		if events > 2 {
			t.Errorf("%s: %d events in the last two weeks", name, events)
		}
	}
}

func TestReturnPeriodAgreesWithTheScore(t *testing.T) {
	s, _ := scores(options(), times(traffic(21, 2), noon, noon+12, 1.5))
	last := 0.
	for i, v := range s {
		if (v.ReturnPeriod > 0) != (v.Value > 0) {
			t.Fatalf("row %d: %+v", i, v)
		}
		if v.Onset && v.ReturnPeriod < 3*7*86400 {
			t.Errorf("row %d: an onset comes by chance every %.0f s, oftener than promised", i, v.ReturnPeriod)
		}
		last = v.ReturnPeriod
	}
	if last < 0 {
		t.Error(last)
	}
}

func FuzzObserve(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 250, 251, 252, 253, 254, 255}, int64(fiveMinutes))
	f.Add([]byte("0000000000000000\xff\xfe\xfd0000"), int64(15_000))
	f.Fuzz(func(t *testing.T, data []byte, step int64) {
		if step = step%(2*day) + 1; step <= 0 {
			step = 1000
		}
		special := [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e15, -1e-300}
		s, at := New(step, options()), int64(0)
		for _, b := range data {
			v := float64(b)
			if int(b) >= 256-len(special) {
				v = special[255-b]
			}
			at += step * (int64(b)%5 - 1) * (1 + int64(b)/250*1000)
			e := within(float64(b%7), float64(b%7)-1, float64(b%7)+1)
			got, _ := s.Observe(at, v, e, b == 77)
			if got.Value-got.Value != 0 || got.Value < 0 {
				t.Fatalf("score %v of %v", got, v)
			}
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	s, rows := New(fiveMinutes, options()), traffic(28, 1)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Observe(int64(i)*fiveMinutes, rows[i%len(rows)], wave(0), false)
		i++
	}
	state, err := s.AppendBinary(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(state)), "state-bytes")
}

func TestObserveDoesNotAllocate(t *testing.T) {
	s, rows, i := New(fiveMinutes, options()), traffic(10, 1), 0
	if n := testing.AllocsPerRun(2000, func() {
		s.Observe(int64(i)*fiveMinutes, rows[i], wave(i), false)
		i++
	}); n != 0 {
		t.Errorf("allocations a sample: got %v, want 0", n)
	}
}
