package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// measureBreak notes how far each member is off where the series is now.
func (s *workspace) measureBreak() {
	x := s.w.fine
	n := len(x)
	recent := [3]float64{x[n-1], x[max(0, n-2)], x[max(0, n-3)]}
	now := numeric.Median(recent[:])
	pool := len(s.ensemble.members)
	s.ensemble.forecast(s.offNow[:pool], 1)
	for i, y := range s.offNow[:pool] {
		usual := breakAt * s.m.fit.memberErrors.nearestLead(i)
		s.offNow[i] = 1
		if d := math.Abs(y - now); d > usual {
			s.offNow[i] = d / max(usual, leastError)
		}
	}
}

// centre returns the forecast l medium steps ahead and how far the members disagree.
func (s *workspace) centre(l int) (centre, spread float64) {
	if s.m.fit.fallback {
		centre = s.naive(l)
	} else {
		centre, spread = s.combination(l)
	}
	if math.IsNaN(centre) {
		centre, spread = s.w.fine[len(s.w.fine)-1], 0
	}
	return s.ensemble.clamp(centre, l), spread
}

// combination returns the weighted median of the members, with the event of its hour, and how far the members disagree.
func (s *workspace) combination(l int) (centre, spread float64) {
	f := &s.m.fit
	var forecasts, w [maxPool]float64
	n := len(s.ensemble.members)
	s.ensemble.forecast(forecasts[:n], l)
	f.memberErrors.weigh(w[:n], bucketOf(l, f.perHour), s.w.slotAt(l))
	if s.follow {
		power := -2 * math.Exp2(-float64(l)/float64(breakFades*f.perHour))
		for i, d := range s.offNow[:n] {
			if d > 1 {
				w[i] *= math.Pow(d, power)
			}
		}
	}
	centre, spread = combine(forecasts[:n], w[:n])
	event, _ := s.m.eventBack(-l)
	return centre + event, spread
}

// naive returns the forecast of the fallback, the value a season ago, l medium steps ahead.
func (s *workspace) naive(l int) float64 {
	e := &s.ensemble
	i := e.cutoff.fine
	if e.period > 0 {
		i = e.seasonBefore(l)
	}
	event, _ := s.m.eventBack(e.cutoff.fine - i)
	return e.naive(l) + event
}

// centreAt returns the forecast u medium steps ahead, which need not be whole.
func (s *workspace) centreAt(u float64) float64 {
	l := int(u)
	c, _ := s.centre(l)
	if part := u - float64(l); part > 0 {
		next, _ := s.centre(l + 1)
		c += part * (next - c)
	}
	return c
}
