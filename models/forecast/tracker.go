package forecast

import (
	"math"

	"github.com/foresight-exporter/foresight/models/internal/codec"
	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// Quality is measured on forecasts made before the samples were seen; NaN until there are some.
type Quality struct {
	Coverage float64 // share of samples inside the interval at Options.Level
	Skill    float64 // 1 - error / error of seasonal naive
}

// tracker is how forecasts have done since the model was made: of the next hour, sample by sample, and at each of
// Options.Horizons a few at a time.
type tracker struct {
	widenNear, widenFar float32 // logarithms of the factors on the intervals' widths, up to a coarse step ahead and beyond
	missed              float32 // slow share of samples outside of what was expected
	horizons            []horizonTracker
}

type horizonTracker struct {
	weight, inside, err, naive float32 // slow sums; errors in units of the scale
	own                        float32 // of the errors of the combination, also while the fallback forecasts
	issued                     int64   // number of the sample the newest open forecast was made at
	open                       [maxOpen]openForecast
}

// openForecast is a forecast whose time has not come.
type openForecast struct {
	at                             int64 // number of the sample; 0: none
	mean, lower, upper, naive, own float32
}

const (
	missRate = 1. / 24 // of the slow share
)

func newTracker(horizons int) tracker { return tracker{horizons: make([]horizonTracker, horizons)} }

// width is the factor on intervals.
func (r *tracker) width(far bool) float64 {
	if far {
		return math.Exp(float64(r.widenFar))
	}
	return math.Exp(float64(r.widenNear))
}

// drifted reports whether most of the recent samples were outside of what was expected.
func (r *tracker) drifted() bool { return r.missed > driftShare }

// refitted forgets half of the widening, since the new fit has seen what led to it.
func (r *tracker) refitted() { r.widenNear, r.widenFar, r.missed = r.widenNear/2, r.widenFar/2, 0 }

// rescale carries the record over to a new scale.
func (r *tracker) rescale(from, to *scale) {
	factor := float32(from.unit / to.unit)
	in := func(y float32) float32 { return float32(to.in(from.out(float64(y)))) }
	for i := range r.horizons {
		h := &r.horizons[i]
		h.err, h.naive, h.own = h.err*factor, h.naive*factor, h.own*factor
		for j := range h.open {
			p := &h.open[j]
			p.mean, p.lower, p.upper, p.naive, p.own = in(p.mean), in(p.lower), in(p.upper), in(p.naive), in(p.own)
		}
	}
}

// preferNaive reports whether the combination has done worse than seasonal naive, and, once that was so, until it is clearly
// better again.
func (r *tracker) preferNaive(already bool) bool {
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

func (r *tracker) code(c *codec.Coder) {
	for _, v := range [...]*float32{&r.widenNear, &r.widenFar, &r.missed} {
		c.Float32(v)
		c.Demand(*v >= -10 && *v <= 10)
	}
	for i := range r.horizons {
		h := &r.horizons[i]
		for _, v := range [...]*float32{&h.weight, &h.inside, &h.err, &h.naive, &h.own} {
			c.Float32(v)
			c.Demand(*v == *v)
		}
		c.Int64(&h.issued)
		for j := range h.open {
			p := &h.open[j]
			c.Int64(&p.at)
			for _, v := range [...]*float32{&p.mean, &p.lower, &p.upper, &p.naive, &p.own} {
				c.Float32(v)
			}
		}
	}
}

// adapt widens after a miss and narrows after a hit so that misses come as often as the level allows (Gibbs and Candes
// 2021, on the logarithm of the width).
func adapt(width *float32, missed bool, level, gain float64) {
	d := -gain * (1 - level)
	if missed {
		d = gain * level
	}
	*width = float32(max(minWiden, min(float64(*width)+d, maxWiden)))
}

// track compares sample number i with what was expected of it. An anomalous one, or one of a special day, says nothing of
// the intervals.
func (m *Model) track(t, i int64, v float64, anomalous, special bool) {
	r := &m.tracker
	for h := range r.horizons {
		r.horizons[h].settle(r, &m.fit.scale, i, v, anomalous || special, m.options.Level)
	}
	e := m.Expect(t)
	if v != v || e.Mean != e.Mean || special {
		return
	}
	missed := v < e.Lower || v > e.Upper
	r.missed += missRate * (float32(numeric.OneIf(missed)) - r.missed)
	if !anomalous {
		adapt(&r.widenNear, missed, m.options.Level, nearGain)
	}
}

func (h *horizonTracker) settle(r *tracker, s *scale, i int64, v float64, anomalous bool, level float64) {
	for j := range h.open {
		p := &h.open[j]
		if p.at == 0 || p.at > i {
			continue
		}
		if y := float32(s.in(v)); p.at == i && y == y {
			missed := y < p.lower || y > p.upper
			h.weight = h.weight*forget + 1
			h.inside = h.inside*forget + float32(1-numeric.OneIf(missed))
			if p.naive == p.naive {
				h.err = h.err*forget + abs32(y-p.mean)
				h.naive = h.naive*forget + abs32(y-p.naive)
				h.own = h.own*forget + abs32(y-p.own)
			}
			if !anomalous {
				adapt(&r.widenFar, missed, level, farGain)
			}
		}
		*p = openForecast{}
	}
}

func abs32(x float32) float32 { return max(x, -x) }

// Quality returns how well forecasts at Options.Horizons[i] have done; before one of months has come true, how those at past
// origins of the history did.
func (m *Model) Quality(i int) Quality {
	if i < 0 || i >= len(m.tracker.horizons) {
		return Quality{Coverage: math.NaN(), Skill: math.NaN()}
	}
	if m.tracker.horizons[i].weight == 0 {
		return m.monthsQuality(m.options.Horizons[i].Milliseconds())
	}
	h := &m.tracker.horizons[i]
	q := Quality{Coverage: float64(h.inside / h.weight)}
	switch {
	case h.naive > 0:
		q.Skill = 1 - float64(h.err/h.naive)
	case h.err > 0:
		q.Skill = math.NaN()
	}
	return q
}
