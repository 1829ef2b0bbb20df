package models_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

const rowsOfDay = 288

// traffic is a day's wave with 2 % noise.
func traffic(days int, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 7))
	v := make([]float64, days*rowsOfDay)
	for i := range v {
		t := 2 * math.Pi * float64(i) / rowsOfDay
		v[i] = (100 - 40*math.Cos(t) + 10*math.Sin(2*t)) * (1 + .02*random.NormFloat64())
	}
	return v
}

// alarms are the rows from one on at which the score rises above 1 after an hour at or below it.
func alarms(v []float64, from int) (at []int) {
	last := -100
	for i, a := range drive(models.New(options()), 0, v) {
		if a.Value <= 1 {
			continue
		}
		if i-last > 12 && i >= from {
			at = append(at, i)
		}
		last = i
	}
	return at
}

// A level shift is one event; a week later, when that day is looked back at, there may be another.
func TestLevelShiftIsOneEvent(t *testing.T) {
	later := 0
	for seed := range uint64(5) {
		v := traffic(24, seed)
		shift := 14*rowsOfDay + 150
		for i := shift; i < len(v); i++ {
			v[i] += 80
		}
		at := alarms(v, shift)
		if len(at) == 0 || at[0] != shift || len(at) > 1 && at[1] < shift+5*rowsOfDay {
			t.Errorf("seed %d: events at %v, want one at %d and none for days", seed, at, shift)
		}
		later += len(at) - 1
	}
	if later > 2 {
		t.Errorf("events in the week after five shifts: %d, want at most 2", later)
	}
}

// A job at about the same time of every night is known by the third; what is new is not.
func TestNightlyJobIsLearnt(t *testing.T) {
	chance := 0 // events that the promise allows
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 8))
		v := traffic(24, seed)
		night := func(day int) int { return day*rowsOfDay + 36 + random.IntN(7) - 3 }
		for day := 12; day < 24; day++ {
			for i, begin := 0, night(day); i < 3; i++ {
				v[begin+i] += 100
			}
		}
		fourth := 15 * rowsOfDay
		if at := alarms(v, 12*rowsOfDay); len(at) == 0 || at[0] >= fourth {
			t.Errorf("seed %d: events at %v, want some before %d", seed, at, fourth)
		}
		chance += len(alarms(v, fourth))
		told := false
		for _, a := range drive(models.New(options()), 0, v)[fourth:] {
			told = told || a.Value <= 1 && a.Part.String() == "known"
		}
		if !told {
			t.Errorf("seed %d: the job is nowhere said to be known", seed)
		}
		afternoon, larger := 20*rowsOfDay+180, 22*rowsOfDay+36
		for i := range 3 {
			v[afternoon+i] += 100
			v[larger+i] += 800
		}
		at := alarms(v, fourth)
		for _, from := range []int{afternoon, larger - 3} {
			if !slices.ContainsFunc(at, func(i int) bool { return i >= from && i < from+6 }) {
				t.Errorf("seed %d: events at %v, want at %d, at another time, and at %d, larger", seed, at, afternoon, larger)
			}
		}
	}
	if chance > 3 {
		t.Errorf("%d events after the fourth night in 6 weeks, want at most 3", chance)
	}
}

// After ten days without samples there is no false alarm, and a true one at once.
func TestAfterDaysWithoutSamples(t *testing.T) {
	from := 30 * rowsOfDay
	chance := 0 // events that the promise allows
	for seed := range uint64(5) {
		v := traffic(33, seed)
		for i := 20 * rowsOfDay; i < from; i++ {
			v[i] = math.NaN()
		}
		chance += len(alarms(v, from))
		spike := from + 40
		v[spike] += 80
		if at := alarms(v, from); !slices.Contains(at, spike) {
			t.Errorf("seed %d: events at %v, want one at %d", seed, at, spike)
		}
	}
	if chance > 1 {
		t.Errorf("%d events after five outages, want at most 1", chance)
	}
}

// An event ends soon after its cause, and another outage while it fades is seen.
func TestASecondOutageIsSeen(t *testing.T) {
	first := 18*rowsOfDay + 100
	for _, later := range []int{60, 100, 144} {
		for seed := range uint64(3) {
			v := traffic(20, seed)
			for i := range 6 {
				v[first+i], v[first+later+i] = 0, 0
			}
			up, seen := 0, false
			for i, a := range drive(models.New(options()), 0, v) {
				switch {
				case i >= first+later+6:
				case i >= first+later:
					seen = seen || a.Value > 1
				case i >= first && a.Value > 1:
					up++
				}
			}
			if up > 48 {
				t.Errorf("seed %d: half an hour's outage is up for %d rows", seed, up)
			}
			if !seen {
				t.Errorf("seed %d: an outage %d rows after another is not seen", seed, later)
			}
		}
	}
}

// A nightly job does not hide an outage that lasts longer than it.
func TestOutageAtAJobsHour(t *testing.T) {
	for seed := range uint64(3) {
		v := traffic(22, seed)
		for day := 12; day < 22; day++ {
			for i := range 3 {
				v[day*rowsOfDay+36+i] += 100
			}
		}
		at := 20*rowsOfDay + 36
		for i := range 18 {
			v[at+i] = 0
		}
		seen := false
		for _, a := range drive(models.New(options()), 0, v)[at : at+18] {
			seen = seen || a.Value > 1
		}
		if !seen {
			t.Errorf("seed %d: an outage of 90 minutes at the hour of a job of 15 is not seen", seed)
		}
	}
}

// After a level shift at long steps nothing speaks that has no cause, and the state can be saved and restored.
func TestLongStepsAfterAShift(t *testing.T) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 8))
		o := options()
		o.Step = time.Hour
		f := models.New(o)
		for i := range 38 * 24 {
			v := 100 - 40*math.Cos(2*math.Pi*float64(i)/24)
			if i >= 30*24 {
				v *= 3
			}
			if i >= 30*24+42 && i < 30*24+45 {
				v = 0
			}
			a := f.Observe(start/hour*hour+int64(i)*hour, max(0, v+2*random.NormFloat64()))
			if f.Due() {
				f.Refit()
			}
			if a.Value > 1 && a.Part.String() == "none" {
				t.Errorf("seed %d, hour %d: a score of %v for nothing", seed, i, a.Value)
			}
			if e := a.Expected; e.Mean < e.Lower || e.Mean > e.Upper {
				t.Errorf("seed %d, hour %d: %v is expected outside of %v to %v", seed, i, e.Mean, e.Lower, e.Upper)
			}
			if i < 30*24 || i%6 > 0 {
				continue
			}
			state, err := f.AppendBinary(nil)
			if err == nil {
				err = models.New(o).UnmarshalBinary(state)
			}
			if err != nil {
				t.Fatalf("seed %d, hour %d: %v", seed, i, err)
			}
		}
	}
}

const hour = int64(time.Hour / time.Millisecond)
