package exhaustion_test

import (
	"math"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

var month = &exhaustion.BudgetOptions{Objective: 0.999, Window: 30 * 24 * time.Hour, Within: days4.Within}

func budget(o *exhaustion.BudgetOptions, hours int, ratio func(i int) float64) (*exhaustion.Budget, exhaustion.Assessment) {
	b := exhaustion.NewBudget(o)
	for i := range hours {
		b.Observe(int64(i)*hour, ratio(i))
	}
	var a exhaustion.Assessment
	b.Assess(&a)
	return b, a
}

func TestBudgetAtAConstantRate(t *testing.T) {
	// 0.72 hours of errors are allowed in 30 days; 0.003 an hour for 120 hours leave 0.36, which last 120 hours more.
	b, a := budget(month, 120, func(int) float64 { return 0.003 })
	near(t, 0.5, b.Spent(), 1e-5)
	that(t, a.Known, "a.Known")
	for _, s := range a.Seconds {
		near(t, 120*3600, s, 2*3600)
	}
	same(t, []float64{0, 0}, a.Probability)
}

func TestOldErrorsLeaveTheWindow(t *testing.T) {
	// Three quarters were spent in the first hours of the window; what goes on would spend the rest in nine days, but
	// the old errors leave before.
	old := func(i int) float64 {
		if i < 24 {
			return 0.0225
		}
		return 0.0008
	}
	b, a := budget(month, 30*24-60, old)
	near(t, 1.48, b.Spent(), 0.05)
	that(t, a.Reached, "a.Reached")
	calm := func(i int) float64 { return old(i) / 2 }
	b, a = budget(month, 30*24-60, calm)
	near(t, 0.74, b.Spent(), 0.05)
	that(t, a.Known, "a.Known")
	that(t, math.IsInf(a.Seconds[1], 1), "%v", a)
	b.Observe(int64(30*24+40)*hour, 0.0004)
	that(t, b.Spent() < 0.5, "%v, want < %v", b.Spent(), 0.5)
}

func TestBudgetInAnIncident(t *testing.T) {
	// A quiet month and six bad hours: gone soon if they are the present, and not if the days before are.
	_, a := budget(month, 700, func(i int) float64 {
		if i >= 694 {
			return 0.04
		}
		return 0.0004
	})
	that(t, a.Known, "a.Known")
	that(t, !a.Reached, "not a.Reached")
	that(t, a.Probability[0] > 0.3, "%v, want > %v", a.Probability[0], 0.3)
	that(t, a.Probability[1] > a.Probability[0], "%v, want > %v", a.Probability[1], a.Probability[0])
	that(t, a.Seconds[0] < 12*3600.0, "%v, want < %v", a.Seconds[0], 12*3600.0)
	that(t, a.Seconds[2] > 24*3600.0, "%v, want > %v", a.Seconds[2], 24*3600.0)
}

func TestBudgetOfAShortWindow(t *testing.T) {
	day := &exhaustion.BudgetOptions{Objective: 0.99, Window: 24 * time.Hour, Within: days4.Within}
	_, a := budget(day, 100, func(int) float64 { return 0.009 })
	that(t, math.IsInf(a.Seconds[1], 1), "what comes in leaves again: %v", a)
	_, a = budget(day, 100, func(i int) float64 {
		if i > 90 {
			return 0.015
		}
		return 0.005
	})
	requireSound(t, a)
	that(t, a.Probability[1] > 0, "%v, want above 0", a.Probability[1])
}

func TestBudgetUnknown(t *testing.T) {
	_, a := budget(month, 10, func(int) float64 { return 0.5 })
	that(t, !a.Known, "not a.Known")
	b, a := budget(month, 100, func(int) float64 { return math.NaN() })
	that(t, a.Known, "hours without events spend nothing")
	that(t, b.Spent() == 0, "%v, want 0", b.Spent())
	same(t, []float64{0, 0}, a.Probability)
	state, err := b.AppendBinary(nil)
	that(t, err == nil, "%v", err)
	that(t, b.UnmarshalBinary(state[1:]) != nil, "no error")
}

func TestBudgetRestored(t *testing.T) {
	ratio := func(i int) float64 { return 0.001 * float64(i%5) }
	b, want := budget(month, 900, ratio)
	state, err := b.AppendBinary(nil)
	that(t, err == nil, "%v", err)
	other := exhaustion.NewBudget(month)
	that(t, other.UnmarshalBinary(state) == nil, "an error")
	var got exhaustion.Assessment
	other.Assess(&got)
	same(t, want, got)
	near(t, b.Spent(), other.Spent(), 0)
	long := &exhaustion.BudgetOptions{Objective: 0.99, Window: 90 * 24 * time.Hour}
	that(t, exhaustion.NewBudget(long).UnmarshalBinary(state) != nil, "wider buckets")
}

func BenchmarkBudget(b *testing.B) {
	m, a := budget(month, 800, func(int) float64 { return 0.0001 })
	b.ReportAllocs()
	for b.Loop() {
		m.Assess(&a)
	}
}
