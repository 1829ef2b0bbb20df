package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// shop is the traffic of a shop on one day: busy on workdays, quiet on Sundays, quieter and later on holidays, which
// begin at local midnight.
type shop struct {
	location *time.Location
	holidays map[int64]bool // local days
	like     float64        // a holiday's traffic, as a multiple of a Sunday's
	level    float64
}

func (s shop) at(t int64) float64 {
	local := time.UnixMilli(t).In(s.location)
	h := float64(local.Hour()) + float64(local.Minute())/60
	_, offset := local.Zone()
	busy := map[time.Weekday]float64{time.Saturday: 0.8, time.Sunday: 0.4}[local.Weekday()]
	if busy == 0 {
		busy = 1
	}
	if s.holidays[numeric.FloorDiv(t+int64(offset)*1000, day)] {
		busy = 0.4 * s.like
	}
	return s.level * (0.3 + busy*(1-math.Cos(2*math.Pi*(h-4)/24)))
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// errorsOn gives the mean absolute errors, as a share of the truth, and the coverage of forecasts of a local day, made
// at noon of the day before.
func errorsOn(m *Model, s shop, number int64) (relative, coverage float64) {
	var leads []time.Duration
	var truth []float64
	for t := number*day - 2*hour; t < (number+1)*day+2*hour; t += m.options.Step {
		local := time.UnixMilli(t).In(s.location)
		_, offset := local.Zone()
		if numeric.FloorDiv(t+int64(offset)*1000, day) == number && t > m.End() {
			leads = append(leads, time.Duration(t-m.End())*time.Millisecond)
			truth = append(truth, s.at(t))
		}
	}
	off, sum, inside := 0.0, 0.0, 0
	for i, f := range m.Forecast(nil, leads, []float64{0.95}) {
		off += math.Abs(f.Mean - truth[i])
		sum += truth[i]
		if truth[i] >= f.Lower[0] && truth[i] <= f.Upper[0] {
			inside++
		}
	}
	return off / sum, float64(inside) / float64(len(truth))
}

// follow feeds a shop with noise until noon of a local day, refitting when due.
func follow(m *Model, s shop, from, number int64, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	for t := from * day; t <= number*day+11*hour; t += m.options.Step {
		m.Observe(t, s.at(t)*(1+0.05*rnd.NormFloat64()), false)
		if m.Due() {
			m.Refit()
		}
	}
}

// TestHolidays: the first holiday is forecast as a Sunday, the next as the one before, and the days after one as if it
// had not been.
func TestHolidays(t *testing.T) {
	const first = 20_454 // Thursday 1 January 2026
	holidays := []int64{first + 35, first + 60}
	for _, step := range []time.Duration{5 * time.Minute, time.Hour} {
		s := shop{location: berlin(t), holidays: map[int64]bool{}, like: 0.5, level: 100}
		o := &Options{Step: step.Milliseconds(), Level: 0.95, Location: s.location}
		for _, h := range holidays {
			s.holidays[h] = true
			o.Days = append(o.Days, SpecialDay{Number: h, Kind: 1})
		}
		unaware := *o
		unaware.Days = nil
		for i, h := range holidays {
			var with, without, after, never, inside [3]float64
			for seed := range with {
				m, n := New(o), New(&unaware)
				follow(m, s, first, h-1, uint64(seed))
				follow(n, s, first, h-1, uint64(seed))
				with[seed], inside[seed] = errorsOn(m, s, h)
				without[seed], _ = errorsOn(n, s, h)
				m, n = New(o), New(&unaware)
				plain := s
				plain.holidays = nil
				follow(m, s, first, h+1, uint64(seed))
				follow(n, plain, first, h+1, uint64(seed))
				after[seed], _ = errorsOn(m, plain, h+2)
				never[seed], _ = errorsOn(n, plain, h+2)
			}
			most := []float64{0.5, 0.13}[i] // a Sunday is twice as busy as the first one
			for seed := range with {
				if with[seed] > most || without[seed] < 1 || inside[seed] < 0.9 {
					t.Errorf("step %v, holiday %d, seed %d: the error is %.3f, want %.2f at most; without a calendar %.2f, want above 1; %.2f of it inside the interval, want 0.90",
						step, i+1, seed, with[seed], most, without[seed], inside[seed])
				}
				if after[seed] > never[seed]+0.01 {
					t.Errorf("step %v, holiday %d, seed %d: two days later the error is %.3f, without the holiday %.3f", step, i+1, seed, after[seed], never[seed])
				}
			}
		}
	}
}

// TestHolidayUnderWay: a holiday that is unlike its like is followed within some hours.
func TestHolidayUnderWay(t *testing.T) {
	const first, holiday = 20_454, 20_454 + 35
	s := shop{location: berlin(t), holidays: map[int64]bool{holiday: true}, like: 2, level: 100}
	o := &Options{Step: 5 * minute, Level: 0.95, Location: s.location, Days: []SpecialDay{{Number: holiday, Kind: 1}}}
	m := New(o)
	follow(m, s, first, holiday, 1)
	lead := 2 * time.Hour
	f := m.Forecast(nil, []time.Duration{lead}, []float64{0.95})[0]
	want := s.at(m.End() + lead.Milliseconds())
	sunday := shop{location: s.location, like: 1, holidays: s.holidays, level: 100}.at(m.End() + lead.Milliseconds())
	if off, start := math.Abs(f.Mean-want), math.Abs(sunday-want); off > start/2 {
		t.Errorf("two hours ahead at noon the error is %.1f, want at most half of the %.1f that it was at midnight", off, start)
	}
	if q := m.tracker.widenNear; q > 0.2 {
		t.Errorf("the holiday has widened the intervals of usual days by exp(%.2f)", q)
	}
}

// TestSpecialDaysInState: what is learnt of special days, the one under way among them, outlives a restart.
func TestSpecialDaysInState(t *testing.T) {
	const first = 20_454
	s := shop{location: berlin(t), holidays: map[int64]bool{first + 20: true, first + 30: true}, like: 0.5, level: 100}
	o := &Options{Step: 5 * minute, Level: 0.95, Location: s.location, Horizons: []time.Duration{time.Hour}, Days: []SpecialDay{
		{Number: first + 20, Kind: 1}, {Number: first + 30, Kind: 2}, {Number: first + 33, Kind: 1},
	}}
	m := New(o)
	follow(m, s, first, first+30, 1)
	b, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := New(o)
	if err := n.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	for t0 := m.End() + o.Step; t0 < (first+32)*day; t0 += o.Step {
		if a, b := m.Expect(t0), n.Expect(t0); a != b {
			t.Fatalf("%v was expected, after a restart %v", a, b)
		}
		m.Observe(t0, s.at(t0), false)
		n.Observe(t0, s.at(t0), false)
	}
	lead := []time.Duration{36 * time.Hour}
	if a, b := m.Forecast(nil, lead, nil)[0].Mean, n.Forecast(nil, lead, nil)[0].Mean; a != b {
		t.Errorf("the forecast is %v, after a restart %v", a, b)
	}
	fewer := *o
	fewer.Days = []SpecialDay{{Number: first + 33, Kind: 1}} // the second calendar has no days any more
	if err := New(&fewer).UnmarshalBinary(b); err != nil {
		t.Errorf("the state is lost with a day of the calendar: %v", err)
	}
}
