package forecast

import (
	"testing"
	"time"
)

// TestBacktestIsLive: every member forecasts the same from the window that a refit learns from as from the one of a look
// ahead, sparse or whole, to the last bit. Weights are earned by the forecasts that are then made.
func TestBacktestIsLive(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour} {
		perDay := int(24 * time.Hour / step)
		o := &Options{Step: step.Milliseconds(), Level: 0.95}
		v := make1("daily", 9, 30*perDay, perDay)
		for i := range v {
			v[i] += 5 * float64(i) / float64(perDay)
			if i/perDay%7 > 4 {
				v[i] /= 2
			}
		}
		m := fitted(o, v)
		backtest := wholeEnsemble(m)
		for _, leads := range [][]float64{{1}, {3}, {float64(m.grids.perDay())}, {1, 2, 3, 4, 5, 6, float64(5 * m.grids.perDay())}} {
			s := m.prepare(leads, false)
			n := len(s.ensemble.members)
			want, got := make([]float64, n), make([]float64, n)
			for _, lead := range leads {
				backtest.forecast(want, int(lead))
				s.ensemble.forecast(got, int(lead))
				for i, member := range s.ensemble.members {
					if want[i] != got[i] && (want[i] == want[i] || got[i] == got[i]) {
						t.Errorf("%s, %s, lead %v: the backtest says %v, the look ahead %v", step, member.name(), lead, want[i], got[i])
					}
				}
			}
			s.release()
		}
	}
}

// wholeEnsemble returns the members of a fitted model on the window that a refit now would learn from.
func wholeEnsemble(m *Model) *ensemble {
	f := &m.fit
	n := m.reach()
	w := &window{perHour: f.perHour, fine: make([]float64, n), scale: f.scale}
	w.hourly = w.fine
	if f.perHour > 1 {
		w.hourly = make([]float64, max(n/f.perHour, min(m.hourly.count(), m.grids.hourlySize)))
	}
	m.gather(w.fine, w.hourly, f.perHour, m.grids.exactSpan(n))
	w.fineSeen, w.hourlySeen = present(w.fine), present(w.hourly)
	w.rescale()
	m.takeEvents(w, true)
	m.alignSeason(w)
	w.fillGaps()
	w.hourlyStandard, w.hourlyBent = make([]float64, len(w.hourly)), make([]float64, len(w.hourly))
	for i, y := range w.hourly {
		w.hourlyStandard[i], w.hourlyBent[i] = w.plainAffine.in(y), w.bent(y)
	}
	s := &workspace{m: m}
	s.unpackCoefficients()
	e := &s.ensemble
	e.window, e.regressions = w, &s.regressions
	e.members = e.roster.choose(f.pool)
	e.prepare(cutoff{n - 1, len(w.hourly) - 1}, 7*m.grids.perDay())
	return e
}

// TestMembersHaveNames: in a pool no name stands twice.
func TestMembersHaveNames(t *testing.T) {
	for p := range numPools {
		names := map[string]bool{}
		for _, m := range new(roster).choose(p) {
			if names[m.name()] {
				t.Errorf("pool %d has two members %s", p, m.name())
			}
			names[m.name()] = true
		}
	}
}
