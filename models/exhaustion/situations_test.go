package exhaustion_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// asked are the times that the documented alerts and the pages ask for.
var asked = []time.Duration{24 * time.Hour, 96 * time.Hour, 14 * 24 * time.Hour}

// series is one of the situations, five minutes a sample, to the end.
type series struct {
	step    int64
	values  []float64
	limit   float64
	falling bool
}

// end returns the sample at which the limit is first reached, or how many there are.
func (s *series) end() int {
	for i, v := range s.values {
		if !s.falling && v >= s.limit || s.falling && v <= s.limit {
			return i
		}
	}
	return len(s.values)
}

// walk calls see with what is said after each sample, from one on.
func (s *series) walk(from int, see func(i int, a *exhaustion.Assessment)) {
	m := exhaustion.New(s.step, &exhaustion.Options{Within: asked, Falling: s.falling})
	var a exhaustion.Assessment
	for i, v := range s.values {
		m.Observe(int64(i)*s.step, v)
		if i >= from && i%3 == 0 {
			m.Assess(&a, s.limit)
			see(i, &a)
		}
	}
}

// lead returns how many hours before the end a probability began to be at least p for good.
func (s *series) lead(within int, p float64, from int) float64 {
	end, since := s.end(), -1
	s.walk(from, func(i int, a *exhaustion.Assessment) {
		switch {
		case i >= end:
		case a.Probability[within] < p:
			since = -1
		case since < 0:
			since = i
		}
	})
	if since < 0 {
		return -1
	}
	return float64(end-since) * float64(s.step) / float64(hour)
}

func noiseFrom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func calmThenFill(slope, noise float64, seed uint64) *series {
	r, s := noiseFrom(seed), &series{step: 5 * minute, limit: 99.9}
	for i, v := 0, 50.0; v < 100; i++ {
		if i > 40*288 {
			v += slope / 288
		}
		s.values = append(s.values, min(v, 100)+noise*r.NormFloat64())
	}
	return s
}

// A quiet disk that suddenly fills is foreseen within hours of the rise, and surely a day before the end.
func TestRunawayFill(t *testing.T) {
	for seed := range uint64(2) {
		for _, slope := range []float64{5, 20, 80} {
			s := calmThenFill(slope, 0.2, seed)
			rise := 24 * 50 / slope
			lead := s.lead(1, 0.5, 38*288)
			that(t, lead >= min(96, rise)-3-rise/10, "%v %% a day: within four days %v h before, of %v h of rise", slope, lead, rise)
			lead = s.lead(0, 0.8, 38*288)
			that(t, lead >= min(24, rise)-3.5-rise/20, "%v %% a day: within a day %v h before, of %v h of rise", slope, lead, rise)
		}
	}
}

func sawTooth(period, ratio, noise float64, days int, seed uint64) *series {
	r, s := noiseFrom(seed), &series{step: 5 * minute, limit: 100}
	slope := 23 / period / 288
	for v, i := 75.0, 0; v < 100 && len(s.values) < (days+30)*288; i++ {
		v += slope
		if v >= 93 {
			if i < days*288 {
				v = 70 + 0.3*r.NormFloat64()
			} else {
				slope = ratio * 23 / period / 288
			}
		}
		s.values = append(s.values, v+noise*r.NormFloat64())
	}
	return s
}

// A saw tooth is no growth while it is cleaned, and one as soon as it leaves the envelope of its peaks.
func TestCleanupThatStops(t *testing.T) {
	for _, period := range []float64{1, 3.5, 7} {
		for _, ratio := range []float64{0.25, 0.5, 1} {
			s := sawTooth(period, ratio, 0.1, 40, 1)
			end := s.end()
			beyond := 0 // highest of the peaks while it was cleaned
			for i := end; s.values[i] > 94; i-- {
				beyond = i
			}
			left := float64(end-beyond) / 12
			run, longest := 0, 0 // of evaluations, a quarter of an hour apart: an alert waits for an hour
			s.walk(20*288, func(i int, a *exhaustion.Assessment) {
				if run++; i >= 40*288 || a.Probability[1] < 0.5 {
					run = 0
				}
				longest = max(longest, run)
			})
			that(t, longest < 4, "cycle %v d: claimed to fill %d times on end while it was cleaned", period, longest)
			lead := s.lead(1, 0.5, 38*288)
			that(t, lead >= min(left, 96)*0.7-1.5, "cycle %v d, then at %v of the slope: %v h before, of %v h beyond the peaks", period, ratio, lead, left)
		}
	}
}

// The probability of two weeks is that of two weeks.
func TestWithinTwoWeeks(t *testing.T) {
	for _, left := range []float64{10, 12, 18} {
		r, s := noiseFrom(3), &series{step: 5 * minute, limit: 100}
		for i := range 56 * 288 {
			s.values = append(s.values, 100-2*left+2*float64(i-56*288)/288+0.05*r.NormFloat64())
		}
		s.walk(len(s.values)-3, func(_ int, a *exhaustion.Assessment) {
			if left < 14 {
				that(t, a.Probability[2] > 0.9, "full in %v days: P(14d) = %v", left, a.Probability[2])
				near(t, left*86400, a.Seconds[1], 0.1*left*86400, "%v", a)
			} else {
				that(t, a.Probability[2] < 0.1, "full in %v days: P(14d) = %v", left, a.Probability[2])
			}
			that(t, a.Probability[1] < 0.05, "full in %v days: P(4d) = %v", left, a.Probability[1])
		})
	}
}

// Whole percents of wear, one in five days, thirty days before the end; a certificate that is renewed in time.
func TestNoTimeWithoutProbability(t *testing.T) {
	wear := &series{step: hour, limit: 100}
	for i := range 80 * 24 {
		wear.values = append(wear.values, float64(94-(80*24-1-i)/120))
	}
	certificate := &series{step: 5 * minute, limit: 0, falling: true}
	for i := range 35 * 288 {
		certificate.values = append(certificate.values, 7*86400-float64(i%1344)*300)
	}
	for name, s := range map[string]*series{"wear": wear, "certificate": certificate} {
		finite, n := 0, 0
		s.walk(len(s.values)/2, func(_ int, a *exhaustion.Assessment) {
			n++
			if !math.IsInf(a.Seconds[1], 1) {
				finite++
			}
			that(t, (a.Probability[2] < 0.05) == math.IsInf(a.Seconds[1], 1), "%s: P(14d) %v beside a median of %v", name, a.Probability[2], a.Seconds[1])
		})
		that(t, finite*50 <= n, "%s: a time %d times of %d", name, finite, n)
	}
}

// A new disk that fills within days is foreseen by the middle of its life.
func TestNewDisk(t *testing.T) {
	for _, slope := range []float64{15, 25, 40} {
		r, s := noiseFrom(5), &series{step: 5 * minute, limit: 100}
		for v := 5.0; v < 101; v += slope / 288 {
			s.values = append(s.values, v+0.1*r.NormFloat64())
		}
		life := 95 / slope * 24
		lead := s.lead(1, 0.5, 0)
		that(t, lead >= min(90, 0.4*life), "%v %% a day: %v h before, of a life of %v h", slope, lead, life)
	}
}

// One big copy is an alarm at most while it goes on.
func TestBigCopy(t *testing.T) {
	r, s := noiseFrom(6), &series{step: 5 * minute, limit: 100}
	for i := range 32 * 288 {
		v := 40 + 6*min(max(float64(i-28*288)/12, 0), 6.5)
		s.values = append(s.values, v+0.1*r.NormFloat64())
	}
	last := 0
	s.walk(27*288, func(i int, a *exhaustion.Assessment) {
		if a.Probability[1] >= 0.5 {
			last = i
		}
	})
	that(t, last < 28*288+78+36, "still claimed %v h after the copy", float64(last-28*288-78)/12)
}

// A battery at one-minute steps: ten minutes ahead and half an hour.
func TestSecondsMatter(t *testing.T) {
	m := exhaustion.New(minute, &exhaustion.Options{Falling: true, Within: []time.Duration{10 * time.Minute, 30 * time.Minute}})
	r := noiseFrom(8)
	at := func(i int) float64 { return math.Round(100 - 2.5*max(0, float64(i-7*1440)) + 0.2*r.NormFloat64()) }
	var a exhaustion.Assessment
	first := 0
	for i := range 7*1440 + 30 {
		m.Observe(int64(i)*minute, at(i))
		m.Assess(&a, 10)
		if a.Probability[1] >= 0.5 && first == 0 {
			first = i - 7*1440
		}
	}
	that(t, first >= 0 && first <= 13, "within 30 minutes %d minutes after it began, 36 before the end", first)
	that(t, a.Probability[0] > 0.8, "six minutes before the end: P(10m) = %v", a.Probability[0])
}

// The remaining ratio of an error budget, as Sloth and Pyrra record it, calm for a month and then spent by an incident.
func TestRemainingBudget(t *testing.T) {
	r, s := noiseFrom(9), &series{step: 5 * minute, falling: true}
	const calm, perDay = 28, 0.4
	for i := range 31 * 288 {
		burnt := perDay * max(0, float64(i)/288-calm)
		s.values = append(s.values, 0.9-burnt+0.01*math.Sin(float64(i)/400)+0.001*r.NormFloat64())
	}
	largest := 0.0
	s.walk(20*288, func(i int, a *exhaustion.Assessment) {
		if i < calm*288 {
			largest = max(largest, a.Probability[1])
		}
	})
	that(t, largest < 0.5, "while it is calm: P(4d) = %v", largest)
	lead := s.lead(1, 0.5, calm*288)
	that(t, lead >= 24*0.9/perDay-6, "within four days %v h before, of %v h of burning", lead, 24*0.9/perDay)
}
