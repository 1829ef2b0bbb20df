package forecast

import (
	"math"
	"slices"
	"testing"
	"time"
	"unsafe"
)

func stateOptions(step time.Duration) *Options {
	return &Options{Step: step.Milliseconds(), Level: 0.95, Horizons: []time.Duration{4 * step, 24 * time.Hour}}
}

// sameForecasts fails unless two models forecast alike.
func sameForecasts(t *testing.T, want, got *Model) {
	t.Helper()
	levels := []float64{0.5, 0.95}
	step := want.options.Step
	a := want.Forecast(nil, leadsOf(step, 1, 2, 13, 100, 400), levels)
	b := got.Forecast(nil, leadsOf(step, 1, 2, 13, 100, 400), levels)
	for i := range a {
		if a[i].Mean != b[i].Mean || !slices.Equal(a[i].Lower, b[i].Lower) || !slices.Equal(a[i].Upper, b[i].Upper) {
			t.Fatalf("lead %s: want %+v, got %+v", a[i].Lead, a[i], b[i])
		}
	}
	if w, g := want.Expect(want.End()+step), got.Expect(want.End()+step); w != g && w.Mean == w.Mean {
		t.Fatalf("expectation: want %+v, got %+v", w, g)
	}
	for i := range want.options.Horizons {
		if w, g := want.Quality(i), got.Quality(i); w != g && w.Skill == w.Skill {
			t.Fatalf("quality: want %+v, got %+v", w, g)
		}
	}
}

// TestStateRoundTrip: a restored model forecasts as the saved one, and goes on as that does.
func TestStateRoundTrip(t *testing.T) {
	for _, step := range []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute, time.Hour, 24 * time.Hour} {
		for name := range shapes {
			o := stateOptions(step)
			perDay := int(24 * time.Hour / step)
			n := min(max(40, 9*perDay), 3500) + 5
			v := make1(name, 5, 2*n, perDay)
			m := fitted(o, v[:n])
			next := feed(m, m.End()+o.Step, v[n:n+n/4])
			b, err := m.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			got := New(o)
			if err := got.UnmarshalBinary(b); err != nil {
				t.Fatalf("%s %s: %v", step, name, err)
			}
			sameForecasts(t, m, got)
			feed(m, next, v[n+n/4:])
			feed(got, next, v[n+n/4:])
			m.Refit()
			got.Refit()
			sameForecasts(t, m, got)
		}
	}
}

// TestStateIsCut: no beginning of a state is taken for one, nor that of another step.
func TestStateIsCut(t *testing.T) {
	o := stateOptions(5 * time.Minute)
	m := fitted(o, make1("daily", 1, 3000, 288))
	b, _ := m.AppendBinary(nil)
	for n := 0; n < len(b); n += 97 {
		got := New(o)
		if err := got.UnmarshalBinary(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(b))
		}
		if got.End() != 0 || !math.IsNaN(got.Lag(0)) || got.Info().Status != WarmingUp {
			t.Fatalf("after an error the model is not as new: %+v", got.Info())
		}
	}
	if err := New(stateOptions(time.Minute)).UnmarshalBinary(b); err == nil {
		t.Fatal("the state of another step was taken")
	}
	if err := New(o).UnmarshalBinary(append(b, 0)); err == nil {
		t.Fatal("a state with more behind it was taken")
	}
}

func FuzzUnmarshal(f *testing.F) {
	steps := []time.Duration{15 * time.Second, 5 * time.Minute, time.Hour}
	for i, step := range steps {
		m := fitted(stateOptions(step), make1("daily", 1, 1500, 288))
		b, _ := m.AppendBinary(nil)
		f.Add(uint8(i), 0, uint8(0), b)
		f.Add(uint8(i), 300, uint8(255), b)
	}
	f.Fuzz(func(_ *testing.T, which uint8, at int, x uint8, b []byte) {
		o := stateOptions(steps[int(which)%len(steps)])
		if len(b) > 0 {
			b = slices.Clone(b)
			b[uint(at)%uint(len(b))] ^= x
		}
		m := New(o)
		if m.UnmarshalBinary(b) != nil {
			return
		}
		m.Forecast(nil, leadsOf(o.Step, 1, 20, 300), []float64{0.5, 0.95})
		v := make1("daily", 1, 40, 288)
		feed(m, m.End()/o.Step*o.Step+o.Step, v)
		m.Expect(m.End() + 10*o.Step)
		m.Refit()
		m.Forecast(nil, leadsOf(o.Step, 1, 20, 300, 301, 302, 303, 304), []float64{0.5, 0.95})
	})
}

// TestStateIsSmall: all that is kept of a series of four weeks at steps of 5 minutes, with two horizons, is 11 KiB.
func TestStateIsSmall(t *testing.T) {
	o := stateOptions(5 * time.Minute)
	m := fitted(o, make1("daily", 1, 8064, 288))
	b, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 11<<10 {
		t.Errorf("the state has %d bytes", len(b))
	}
	if n := m.size(); n > 11<<10+256 {
		t.Errorf("the model has %d bytes", n)
	}
}

// size is how many bytes a model holds.
func (m *Model) size() int {
	n := int(unsafe.Sizeof(*m))
	for _, r := range []*ring{&m.fine, &m.medium, &m.hourly} {
		n += 2*cap(r.words) + 8*cap(r.open)
	}
	f := &m.fit
	return n + 8*cap(m.outliers.bits) + int(unsafe.Sizeof(horizonTracker{}))*cap(m.tracker.horizons) +
		2*cap(f.profiles) + 2*cap(f.memberErrors.codes) + 4*cap(f.conformal.scores)
}
