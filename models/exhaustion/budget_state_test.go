package exhaustion

import (
	"math/rand/v2"
	"testing"
	"time"
)

func FuzzBudgetState(f *testing.F) {
	o := &BudgetOptions{Objective: 0.999, Window: 30 * 24 * time.Hour, Within: []time.Duration{96 * time.Hour}}
	b := NewBudget(o)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range int64(5000) {
		b.Observe(i*300_000, random.Float64()*0.001)
	}
	saved, err := b.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	restored := NewBudget(o)
	if err := restored.UnmarshalBinary(saved); err != nil {
		f.Fatal(err)
	}
	for i := range int64(500) {
		v := random.Float64() * 0.003
		b.Observe((5000+i)*300_000, v)
		restored.Observe((5000+i)*300_000, v)
	}
	var want, got Assessment
	b.Assess(&want)
	restored.Assess(&got)
	if !want.Known || got.Seconds != want.Seconds || got.Probability[0] != want.Probability[0] {
		f.Fatalf("restored: %+v, want %+v", got, want)
	}
	f.Add(saved)
	f.Fuzz(func(t *testing.T, state []byte) {
		b := NewBudget(o)
		if err := b.UnmarshalBinary(state); err != nil {
			if b.count != 0 {
				t.Error("a refused state was taken")
			}
			return
		}
		var a Assessment
		b.Assess(&a)
		b.Observe(1<<40, 0.5)
		b.Assess(&a)
		for _, p := range a.Probability {
			if !(p >= 0 && p <= 1) {
				t.Errorf("probability %v", p)
			}
		}
	})
}
