package expected

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

const (
	minute = int64(60_000)
	day    = 24 * hour
	start  = 1_700_000_100_000 // on a grid of 5 minutes, not of an hour
)

func of(mean, lower, upper float64) interval.Interval {
	return interval.Interval{Mean: mean, Lower: lower, Upper: upper}
}

// shapes are expectations as functions of the sample's number.
var shapes = map[string]func(i int, r *rand.Rand) interval.Interval{
	"daily": func(i int, r *rand.Rand) interval.Interval {
		m := 500 + 400*math.Sin(float64(i)/45) + r.NormFloat64()
		return of(m, m-20-r.Float64(), m+30+r.Float64())
	},
	"bounded below": func(_ int, r *rand.Rand) interval.Interval {
		m := 10 * r.ExpFloat64()
		return of(m, max(0, m-8), m+8)
	},
	"offset": func(_ int, r *rand.Rand) interval.Interval {
		m := 1.7e9 + r.NormFloat64()
		return of(m, m-3, m+3)
	},
	"tiny": func(_ int, r *rand.Rand) interval.Interval {
		m := 1e-300 * r.Float64()
		return of(m, m-1e-301, m+1e-301)
	},
	"huge": func(_ int, r *rand.Rand) interval.Interval {
		m := 2e307 * r.NormFloat64()
		return of(m, -1.7e308, 1.7e308)
	},
	"constant": func(int, *rand.Rand) interval.Interval { return of(42, 42, 42) },
	"zero":     func(int, *rand.Rand) interval.Interval { return interval.Interval{} },
	"spike": func(i int, r *rand.Rand) interval.Interval {
		m := r.Float64()
		if i%100 == 0 {
			m = 1e9
		}
		return of(m, m-0.1, m+0.1)
	},
	"very lopsided": func(_ int, r *rand.Rand) interval.Interval { m := r.Float64(); return of(m, m, m+1e6*r.ExpFloat64()) },
}

func fill(m *Memory, step int64, points int, f func(int, *rand.Rand) interval.Interval) []interval.Interval {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]interval.Interval, points)
	for i := range all {
		all[i] = f(i, r)
		m.Append(start+int64(i)*step, all[i])
	}
	return all
}

func TestErrorBound(t *testing.T) {
	for name, f := range shapes {
		for _, step := range []int64{5 * minute, 7 * minute, hour, day} {
			t.Run(fmt.Sprintf("%s at %d min", name, step/minute), func(t *testing.T) {
				history := 28 * day
				if step == day {
					history = 280 * day
				}
				m := New(step, history)
				points := int(history*3/2/step) + 1
				all := fill(m, step, points, f)
				end := start + int64(points-1)*step
				seen := 0
				for i, want := range all {
					at := start + int64(i)*step
					slot := m.slot(at)
					if m.time(slot) != at || at < end-history {
						continue
					}
					seen++
					got, ok := m.At(at)
					if !ok {
						t.Fatalf("nothing at %d, %d ms before the end", at, end-at)
					}
					low, high := math.Inf(1), math.Inf(-1)
					for n, first := int64(0), numeric.FloorDiv(slot, blockPoints)*blockPoints; n < blockPoints; n++ {
						if k := (m.time(first+n) - start) / step; k >= 0 && k < int64(points) && m.time(first+n) >= start {
							low, high = min(low, all[k].Lower), max(high, all[k].Upper)
						}
					}
					span := high - low
					slack := 1e-14 * max(math.Abs(low), math.Abs(high)) // rounding
					if e := math.Abs(got.Mean - want.Mean); e > span/131068+slack {
						t.Fatalf("mean at %d: got %g, want %g, span %g", at, got.Mean, want.Mean, span)
					}
					if e := math.Abs(got.Lower - want.Lower); e > 0.022*(want.Mean-want.Lower)+span/65534+slack {
						t.Fatalf("lower at %d: got %g, want %g, mean %g, span %g", at, got.Lower, want.Lower, want.Mean, span)
					}
					if e := math.Abs(got.Upper - want.Upper); e > 0.022*(want.Upper-want.Mean)+span/65534+slack {
						t.Fatalf("upper at %d: got %g, want %g, mean %g, span %g", at, got.Upper, want.Upper, want.Mean, span)
					}
					if !(got.Lower <= got.Mean && got.Mean <= got.Upper && got.Lower >= low && got.Upper <= high) {
						t.Fatalf("at %d: %v outside [%g, %g] or not nested", at, got, low, high)
					}
				}
				if want := int(history / m.spacing); seen < want {
					t.Errorf("got %d points back, want at least %d", seen, want)
				}
			})
		}
	}
}

func TestSize(t *testing.T) {
	m := New(5*minute, 28*day)
	if got := int(unsafe.Sizeof(*m)) + cap(m.blocks)*int(unsafe.Sizeof(m.blocks[0])); got > 4096 {
		t.Errorf("got %d bytes for 28 days, want at most 4096", got)
	}
	fill(m, 5*minute, 60*288, shapes["daily"])
	b, err := m.AppendBinary(nil)
	if err != nil || len(b) > 4096 {
		t.Errorf("got %d bytes saved (%v), want at most 4096", len(b), err)
	}
}

func TestInterpolation(t *testing.T) {
	m := New(5*minute, 28*day)
	line := func(i int, _ *rand.Rand) interval.Interval { return of(float64(i), float64(i)-1, float64(i)+2) }
	fill(m, 5*minute, 23*12+4, line)
	first := start - start%hour + hour // the first full hour
	for at := first; at <= m.newest; at += minute {
		want := float64(at-start) / float64(5*minute)
		got, ok := m.At(at)
		if !ok || math.Abs(got.Mean-want) > 3e-3 || math.Abs(got.Lower-want+1) > 0.03 || math.Abs(got.Upper-want-2) > 0.06 {
			t.Fatalf("at %d: got %v %v, want a line through %g", at, got, ok, want)
		}
	}
	for name, at := range map[string]int64{"before": first - 1, "after": m.newest + 1, "long before": -1 << 60, "long after": 1 << 60} {
		if v, ok := m.At(at); ok {
			t.Errorf("%s: got %v, want nothing", name, v)
		}
	}
}

func TestGaps(t *testing.T) {
	for _, gap := range []int64{2 * hour, day, 3 * day, 40 * day} {
		m := New(5*minute, 28*day)
		one := of(1, 0, 2)
		before := start + 10*day
		for at := int64(start); at <= before; at += 5 * minute {
			m.Append(at, one)
		}
		m.Append(before+5*minute, of(math.NaN(), 1, 2))
		m.Append(before+10*minute, of(1, math.Inf(-1), 2))
		if _, ok := m.At(before + 7*minute); ok {
			t.Errorf("after %d h: unknown values are known", gap/hour)
		}
		after := before + gap
		for at := after; at <= after+day; at += 5 * minute {
			m.Append(at, one)
		}
		m.Append(after, of(7, 7, 7)) // late: ignored
		for at := before + hour; at < after; at += 5 * minute {
			if v, ok := m.At(at); ok {
				t.Fatalf("gap of %d h: %v within it", gap/hour, v)
			}
		}
		for at := after + hour; at <= after+day; at += 5 * minute {
			if v, ok := m.At(at); !ok || v != one {
				t.Fatalf("gap of %d h: got %v %v after it, want %v", gap/hour, v, ok, one)
			}
		}
		if _, ok := m.At(before - hour); ok != (gap < 28*day) {
			t.Errorf("gap of %d h: remembered before it: %v", gap/hour, ok)
		}
	}
}

func TestEachIsAt(t *testing.T) {
	m := New(5*minute, 28*day)
	r := rand.New(rand.NewPCG(3, 4))
	for at := int64(start); at < start+35*day; at += 5 * minute {
		if r.IntN(200) == 0 {
			at += 5 * minute * r.Int64N(100)
		}
		m.Append(at, shapes["daily"](int(at/minute/5), r))
	}
	for range 200 {
		step := minute * (1 + r.Int64N(90))
		from := start + r.Int64N(36*day)
		to := from + r.Int64N(3*day)
		want := map[int64]interval.Interval{}
		for at := (from + step - 1) / step * step; at <= to; at += step {
			if v, ok := m.At(at); ok {
				want[at] = v
			}
		}
		got, last := 0, int64(0)
		m.Each(from, to, step, func(at int64, v interval.Interval) {
			if at <= last || v != want[at] {
				t.Fatalf("step %d at %d: got %v, want %v", step, at, v, want[at])
			}
			got, last = got+1, at
		})
		if got != len(want) {
			t.Fatalf("step %d from %d to %d: got %d moments, want %d", step, from, to, got, len(want))
		}
	}
	m.Each(math.MinInt64/4, math.MaxInt64/4, 1<<50, func(int64, interval.Interval) {})
}

func TestAppendDoesNotAllocate(t *testing.T) {
	m := New(5*minute, 28*day)
	at := int64(start)
	if got := testing.AllocsPerRun(2000, func() {
		at += 20 * minute
		m.Append(at, of(1, 0, 2))
		m.At(at - 90*minute)
	}); got != 0 {
		t.Errorf("got %g allocations, want none", got)
	}
}

func BenchmarkAppend(b *testing.B) {
	m := New(5*minute, 28*day)
	at := int64(start)
	for b.Loop() {
		at += 5 * minute
		m.Append(at, of(float64(at%day), float64(at%day)-3, float64(at%day)+3))
	}
}

func BenchmarkEachWeek(b *testing.B) {
	m := New(5*minute, 28*day)
	fill(m, 5*minute, 30*288, shapes["daily"])
	sum := 0.0
	for b.Loop() {
		m.Each(m.newest-7*day, m.newest, 5*minute, func(_ int64, v interval.Interval) { sum += v.Mean })
	}
}
