package predict

import (
	"math"
	"slices"
)

// Quality is measured on forecasts made before the samples were seen; NaN until there are some.
type Quality struct {
	Coverage float64 // share of samples inside the interval at Options.Level
	Skill    float64 // 1 - error / error of seasonal naive
}

// record is how forecasts have done since the model was made: of the next hour, sample by sample, and at each of
// Options.Horizons a few at a time.
type record struct {
	near, far float32 // logarithms of the factors on the intervals' widths, up to a coarse step ahead and beyond
	missed    float32 // slow share of samples outside of what was expected
	horizons  []horizonRecord
}

type horizonRecord struct {
	weight, inside, err, naive float32 // slow sums; errors in units of the scale
	own                        float32 // of the errors of the combination, also while the fallback forecasts
	issued                     int64   // number of the sample the newest pending forecast was made at
	pending                    [maxPending]pending
}

// pending is a forecast whose time has not come.
type pending struct {
	at                             int64 // number of the sample; 0: none
	mean, lower, upper, naive, own float32
}

const (
	maxPending    = 4       // forecasts of one horizon
	forget        = 0.99    // of the record of a horizon, a forecast
	missRate      = 1. / 24 // of the slow share
	driftShare    = 0.6     // of samples missed that asks for a refit
	nearGain      = 0.01    // by which a miss widens
	farGain       = 0.05
	maxWiden      = 1.2 // logarithm of the largest factor
	minWiden      = -0.4
	clearlyBetter = 0.97
	fallbackFrom  = 60 // forecasts measured, before a negative skill counts
)

func newRecord(horizons int) record { return record{horizons: make([]horizonRecord, horizons)} }

// width is the factor on intervals.
func (r *record) width(far bool) float64 {
	if far {
		return math.Exp(float64(r.far))
	}
	return math.Exp(float64(r.near))
}

// drifted tells whether most of the recent samples were outside of what was expected.
func (r *record) drifted() bool { return r.missed > driftShare }

// refitted forgets half of the widening, since the new fit has seen what led to it.
func (r *record) refitted() { r.near, r.far, r.missed = r.near/2, r.far/2, 0 }

// adapt widens after a miss and narrows after a hit so that misses come as often as the level allows (Gibbs and Candes
// 2021, on the logarithm of the width).
func adapt(width *float32, missed bool, level, gain float64) {
	d := -gain * (1 - level)
	if missed {
		d = gain * level
	}
	*width = float32(max(minWiden, min(float64(*width)+d, maxWiden)))
}

// judge compares sample number i with what was expected of it. One that scored above 1 is an anomaly, and says nothing
// of the intervals, as does one of a special day.
func (m *Model) judge(t, i int64, v float64, anomalous, special bool) {
	r := &m.record
	for h := range r.horizons {
		r.horizons[h].judge(r, &m.fit.scale, i, v, anomalous || special, m.options.Level)
	}
	e := m.Expect(t)
	if v != v || e.Mean != e.Mean || special {
		return
	}
	missed := v < e.Lower || v > e.Upper
	r.missed += missRate * (float32(b2i(missed)) - r.missed)
	if !anomalous {
		adapt(&r.near, missed, m.options.Level, nearGain)
	}
}

func (h *horizonRecord) judge(r *record, s *scale, i int64, v float64, anomalous bool, level float64) {
	for j := range h.pending {
		p := &h.pending[j]
		if p.at == 0 || p.at > i {
			continue
		}
		if y := float32(s.in(v)); p.at == i && y == y {
			missed := y < p.lower || y > p.upper
			h.weight = h.weight*forget + 1
			h.inside = h.inside*forget + float32(1-b2i(missed))
			if p.naive == p.naive {
				h.err = h.err*forget + abs32(y-p.mean)
				h.naive = h.naive*forget + abs32(y-p.naive)
				h.own = h.own*forget + abs32(y-p.own)
			}
			if !anomalous {
				adapt(&r.far, missed, level, farGain)
			}
		}
		*p = pending{}
	}
}

func abs32(x float32) float32 { return max(x, -x) }

// horizon gives Options.Horizons[i] in samples.
func (m *Model) horizon(i int) int64 {
	return max(1, m.options.Horizons[i].Milliseconds()/m.grids.step)
}

// wanted tells whether there is room and time for one more forecast of a horizon.
func (m *Model) wanted(i int) bool {
	h := &m.record.horizons[i]
	if h.issued != 0 && m.fine.next-1-h.issued < m.horizon(i)/maxPending {
		return false
	}
	return slices.ContainsFunc(h.pending[:], func(p pending) bool { return p.at == 0 })
}

// pendingLeads fills dst, as far as it reaches, with the leads in medium steps that the next path looks at, ascending:
// the first of its own, which brings the hour after it, and those of the horizons that want a forecast.
func (m *Model) pendingLeads(dst []float64) int {
	dst[0] = 1
	n := 1
	for i := range m.record.horizons {
		if n < len(dst) && m.wanted(i) {
			dst[n] = m.ahead(m.options.Horizons[i])
			n++
		}
	}
	slices.Sort(dst[:n])
	return n
}

// foresee makes a forecast for each horizon that wants one.
func (m *Model) foresee(s *sight) {
	if m.fit.status != OK {
		return
	}
	var lower, upper [1]float64
	level := [1]float64{m.options.Level}
	now := m.fine.next - 1
	months := outlook{m: m}
	for i := range min(len(m.record.horizons), maxSpans) {
		if !m.wanted(i) {
			continue
		}
		h := &m.record.horizons[i]
		h.issued = now
		for j := range h.pending {
			if p := &h.pending[j]; p.at == 0 {
				u := m.ahead(m.options.Horizons[i])
				c := s.between(u)
				s.edgesAt(lower[:], upper[:], level[:], c, u)
				own, _ := s.combination(int(u))
				if months.scaled(m.options.Horizons[i].Milliseconds(), level[:], &c, lower[:], upper[:]) {
					own = c
				}
				if t := m.end + m.options.Horizons[i].Milliseconds(); m.expectSpecial(t, &c, lower[:], upper[:]) {
					own = c
				}
				*p = pending{
					at: now + m.horizon(i), mean: float32(c), lower: float32(lower[0]), upper: float32(upper[0]),
					naive: float32(s.v.naive(int(u))), own: float32(own),
				}
				break
			}
		}
	}
}

// rescale carries the record over to a new scale.
func (r *record) rescale(from, to *scale) {
	factor := float32(from.unit / to.unit)
	in := func(y float32) float32 { return float32(to.in(from.out(float64(y)))) }
	for i := range r.horizons {
		h := &r.horizons[i]
		h.err, h.naive, h.own = h.err*factor, h.naive*factor, h.own*factor
		for j := range h.pending {
			p := &h.pending[j]
			p.mean, p.lower, p.upper, p.naive, p.own = in(p.mean), in(p.lower), in(p.upper), in(p.naive), in(p.own)
		}
	}
}

// worse tells whether the combination has done worse than seasonal naive, and, once that was so, until it is clearly
// better again.
func (r *record) worse(already bool) bool {
	var own, naive, n float32
	for i := range r.horizons {
		h := &r.horizons[i]
		own, naive, n = own+h.own, naive+h.naive, n+h.weight
	}
	if already {
		naive *= clearlyBetter
	}
	return n >= fallbackFrom && own > naive
}

// Quality tells how well forecasts at Options.Horizons[i] have done; before one has come true, months ahead, how those
// at past origins of the history did.
func (m *Model) Quality(i int) Quality {
	if i < 0 || i >= len(m.record.horizons) {
		return Quality{Coverage: math.NaN(), Skill: math.NaN()}
	}
	if m.record.horizons[i].weight == 0 {
		return m.monthsQuality(m.options.Horizons[i].Milliseconds())
	}
	h := &m.record.horizons[i]
	q := Quality{Coverage: float64(h.inside / h.weight)}
	switch {
	case h.naive > 0:
		q.Skill = 1 - float64(h.err/h.naive)
	case h.err > 0:
		q.Skill = math.NaN()
	}
	return q
}
