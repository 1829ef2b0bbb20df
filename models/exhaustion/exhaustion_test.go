package exhaustion_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = 60 * minute
)

var days4 = &exhaustion.Options{Within: []time.Duration{24 * time.Hour, 96 * time.Hour}}

// follow observes value(i) at i steps, for i below n.
func follow(m *exhaustion.Model, step int64, from, n int, value func(i int) float64) {
	for i := from; i < n; i++ {
		m.Observe(int64(i)*step, value(i))
	}
}

func assess(m *exhaustion.Model, limit float64) exhaustion.Assessment {
	var a exhaustion.Assessment
	m.Assess(&a, limit)
	return a
}

// steady rises by 1 an hour with a little noise.
func steady(i int) float64 { return float64(i) + 0.3*math.Sin(float64(i*i)) }

// rotated rises by 2 an hour for a day and falls back.
func rotated(i int) float64 { return 30 + 2*float64(i%24) + 0.2*math.Sin(float64(i*i)) }

func TestSteadyFillIsForeseen(t *testing.T) {
	m := exhaustion.New(hour, days4)
	follow(m, hour, 0, 500, steady)
	for _, left := range []float64{24, 72, 168} {
		a := assess(m, 499+left)
		that(t, a.Known, "a.Known")
		that(t, !a.Reached, "not a.Reached")
		near(t, left*3600, a.Seconds[1], 0.15*left*3600, "%v", a)
		that(t, a.Seconds[0] <= left*3600, "%v, want <= %v", a.Seconds[0], left*3600)
		that(t, a.Seconds[2] >= left*3600, "%v, want >= %v", a.Seconds[2], left*3600)
	}
	that(t, assess(m, 499+60).Probability[1] > 0.95, "%v, want > %v", assess(m, 499+60).Probability[1], 0.95)
	that(t, assess(m, 499+60).Probability[0] < 0.05, "%v, want < %v", assess(m, 499+60).Probability[0], 0.05)
	that(t, assess(m, 499+160).Probability[1] < 0.05, "%v, want < %v", assess(m, 499+160).Probability[1], 0.05)
}

func TestRotationIsNotGrowth(t *testing.T) {
	m := exhaustion.New(hour, days4)
	for i := range 28 * 24 {
		m.Observe(int64(i)*hour, rotated(i))
		if i > 30 { // the first cycle looks like a fill until it ends
			that(t, assess(m, 90).Probability[1] < 0.5, "hour %d", i)
		}
	}
	that(t, assess(m, 75).Probability[1] > 0.9, "what every cycle reaches")
}

func TestPeaksThatCreepUpAreForeseenDaysAhead(t *testing.T) {
	m := exhaustion.New(hour, days4)
	value := func(i int) float64 { return rotated(i) + float64(i)/24 }
	full, since := 0, -1
	for i := 0; full == 0; i++ {
		m.Observe(int64(i)*hour, value(i))
		if value(i) >= 100 {
			full = i
		} else if p := assess(m, 100).Probability[1]; p < 0.5 {
			since = -1
		} else if since < 0 {
			since = i
		}
	}
	that(t, since > 0, "%v, want above 0", since)
	that(t, full-since > 24, "%v, want > %v", full-since, 24)
}

func TestFallingIsTheMirrorOfRising(t *testing.T) {
	up := exhaustion.New(hour, days4)
	down := exhaustion.New(hour, &exhaustion.Options{Within: days4.Within, Falling: true})
	follow(up, hour, 0, 400, rotated)
	follow(down, hour, 0, 400, func(i int) float64 { return -rotated(i) })
	same(t, assess(up, 78), assess(down, -78))
	that(t, assess(down, -40).Reached, "assess(down, -40).Reached")
}

func TestReached(t *testing.T) {
	m := exhaustion.New(hour, days4)
	m.Observe(0, 10)
	at := exhaustion.Assessment{Known: true, Reached: true, Probability: []float64{1, 1}, Ahead: exhaustion.Reach}
	same(t, at, assess(m, 10))
	same(t, at, assess(m, 9))
	follow(m, hour, 1, 300, rotated)
	that(t, assess(m, rotated(299)).Reached, "assess(m, rotated(299)).Reached")
	a := assess(m, 70)
	that(t, a.Known, "a forecast again once below")
	that(t, !a.Reached, "not a.Reached")
}

func TestBelowAgainWithinTheSameBucket(t *testing.T) {
	m := exhaustion.New(5*minute, days4)
	value := func(i int) float64 { return 60 + float64(i%30)*0.1 }
	follow(m, 5*minute, 0, 3000, value)
	m.Observe(3000*5*minute, 90)
	that(t, assess(m, 85).Reached, "not reached")
	m.Observe(3001*5*minute, 60)
	a := assess(m, 85)
	that(t, a.Known && !a.Reached, "still reached")
	that(t, a.Probability[1] < 0.5, "%v", a)
}

func TestUnknown(t *testing.T) {
	inf := math.Inf(1)
	unknown := exhaustion.Assessment{Seconds: [3]float64{inf, inf, inf}, Probability: []float64{0, 0}}
	m := exhaustion.New(hour, days4)
	same(t, unknown, assess(m, 100), "nothing was seen")
	follow(m, hour, 0, 23, steady)
	same(t, unknown, assess(m, 100), "23 buckets")
	follow(m, hour, 23, 24, steady)
	that(t, assess(m, 100).Known, "assess(m, 100).Known")
	for _, limit := range []float64{math.NaN(), inf, -inf} {
		same(t, unknown, assess(m, limit))
	}
	follow(m, hour, 24, 100, func(int) float64 { return math.NaN() })
	same(t, unknown, assess(m, 100), "two days without a sample")
}

func TestMissingIsNotFlat(t *testing.T) {
	whole, gappy := exhaustion.New(hour, days4), exhaustion.New(hour, days4)
	follow(whole, hour, 0, 600, steady)
	follow(gappy, hour, 0, 600, func(i int) float64 {
		switch {
		case i%150 < 30 && i > 30:
			return math.NaN()
		case i%77 == 5:
			return math.Inf(i%2*2 - 1)
		}
		return steady(i)
	})
	w, g := assess(whole, 680), assess(gappy, 680)
	near(t, w.Seconds[1], g.Seconds[1], 0.1*w.Seconds[1])
	near(t, w.Probability[1], g.Probability[1], 0.1)
}

func TestSustainedIgnoresPeaks(t *testing.T) {
	long := exhaustion.New(hour, &exhaustion.Options{Sustained: 24 * time.Hour, Within: days4.Within})
	peaks := func(i int) float64 {
		if i%10 == 0 {
			return 95
		}
		return 50 + math.Sin(float64(i*i))
	}
	follow(long, hour, 0, 301, peaks)
	a := assess(long, 90)
	that(t, a.Known, "a.Known")
	that(t, !a.Reached, "not a.Reached")
	that(t, a.Probability[1] < 0.1, "%v, want < %v", a.Probability[1], 0.1)
	single := exhaustion.New(hour, days4)
	follow(single, hour, 0, 301, peaks)
	that(t, assess(single, 90).Reached, "assess(single, 90).Reached")
}

func TestSamplesOfThePastAreIgnored(t *testing.T) {
	a, b := exhaustion.New(hour, days4), exhaustion.New(hour, days4)
	follow(a, hour, 0, 100, steady)
	for i := range 100 {
		b.Observe(int64(i)*hour, steady(i))
		b.Observe(int64(i)*hour, 1e9)
		b.Observe(int64(i-7)*hour, -1e9)
	}
	same(t, assess(a, 200), assess(b, 200))
}

func TestHugeAndTinyValues(t *testing.T) {
	for _, scale := range []float64{1e300, 1e-300, -1e300, 5e-324, 0} {
		m := exhaustion.New(hour, days4)
		r := rand.New(rand.NewPCG(3, 4))
		m.Observe(0, 1e-200)
		follow(m, hour, 1, 400, func(i int) float64 { return scale * (1 + float64(i)/400 + 0.01*r.NormFloat64()) })
		for _, limit := range []float64{1.79e308, -1.79e308, 0, 1, 2.1 * scale} {
			requireSound(t, assess(m, limit))
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	m := exhaustion.New(5*minute, days4)
	var a exhaustion.Assessment
	m.Assess(&a, 1)
	i := 0
	got := testing.AllocsPerRun(2000, func() {
		m.Observe(int64(i)*5*minute, rotated(i))
		i++
		m.Assess(&a, 90)
	})
	that(t, got == 0, "%v allocations a sample", got)
}

func requireSound(t *testing.T, a exhaustion.Assessment) {
	t.Helper()
	for i, s := range a.Seconds {
		that(t, !(math.IsNaN(s) || s < 0), "%v", a)
		if i > 0 {
			that(t, s >= a.Seconds[i-1], "%v", a)
		}
		if !math.IsInf(s, 1) {
			that(t, s <= exhaustion.Reach.Seconds()+1e-6, "%v", a)
		}
	}
	for i, p := range a.Probability {
		that(t, p >= 0 && p <= 1, "%v", a)
		if i > 0 {
			that(t, p >= a.Probability[i-1], "%v", a)
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	for name, every := range map[string]int{"warm": 0, "with every sample": 1} {
		b.Run(name, func(b *testing.B) {
			m := exhaustion.New(5*minute, days4)
			value := func(i int) float64 { return float64(i) + 100*math.Sin(float64(i)/40) }
			n := 28 * 288
			follow(m, 5*minute, 0, n, value)
			var a exhaustion.Assessment
			m.Assess(&a, float64(n)+1000)
			b.ReportAllocs()
			for b.Loop() {
				follow(m, 5*minute, n, n+every, value)
				n += every
				m.Assess(&a, float64(n)+1000)
			}
		})
	}
}

func BenchmarkObserve(b *testing.B) {
	m := exhaustion.New(5*minute, days4)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Observe(int64(i)*5*minute, float64(i%1000))
	}
}

// Nothing is stated of times that are further than half of the age, but for what is likely sooner.
func TestNothingIsSaidOfTimesThatTheLawDoesNotReach(t *testing.T) {
	within := []time.Duration{24 * time.Hour, 7 * 24 * time.Hour, exhaustion.Reach}
	for _, days := range []int{3, 15, 29} {
		m := exhaustion.New(hour, &exhaustion.Options{Within: within})
		follow(m, hour, 0, days*24+1, func(i int) float64 { return 50 + 5*math.Sin(float64(i*i)) })
		a := assess(m, 1000)
		for i, w := range within {
			same(t, w > exhaustion.Ahead(time.Duration(days)*24*time.Hour), math.IsNaN(a.Stated(i, w)))
		}
	}
	m := exhaustion.New(hour, &exhaustion.Options{Within: within})
	follow(m, hour, 0, 60, steady)
	a := assess(m, 80)
	that(t, a.Stated(2, exhaustion.Reach) > 0.9, "what comes within a day comes within two weeks: %v", a)
	a = assess(m, 30)
	same(t, 1.0, a.Stated(2, exhaustion.Reach))
}

// Buckets follow the step and the times that are asked for, from 15 s to a day.
func TestSteps(t *testing.T) {
	const day = 24 * hour
	for _, c := range []struct{ step, bucket, soon, late int64 }{
		{15_000, 50_000, 20 * minute, 2 * hour},
		{5 * minute, hour, day, 14 * day},
		{hour, hour, day, 14 * day},
		{day, day, 4 * day, 14 * day},
	} {
		within := []time.Duration{time.Duration(c.soon) * time.Millisecond, time.Duration(c.late) * time.Millisecond}
		m := exhaustion.New(c.step, &exhaustion.Options{Within: within})
		n := int(400 * c.bucket / c.step)
		value := func(i int) float64 { return steady(i) * float64(c.step) / float64(c.bucket) } // 1 a bucket
		follow(m, c.step, 0, n, value)
		left := 8.0 // buckets
		if c.soon >= 8*c.bucket {
			left = 1.5 * float64(c.soon) / float64(c.bucket)
		}
		a := assess(m, value(n-1)+left)
		want := left * float64(c.bucket) / 1000
		near(t, want, a.Seconds[1], 0.15*want, "step %d ms: %v", c.step, a)
		that(t, a.Stated(0, within[0]) < 0.05, "step %d ms: %v", c.step, a)
		that(t, a.Stated(1, within[1]) > 0.95, "step %d ms: %v", c.step, a)
	}
}
