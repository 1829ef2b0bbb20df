package models_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models"
)

// stateKinds are forecasters that together have every part that is kept.
func stateKinds() map[string]*models.Options {
	all := options()
	fast := options()
	fast.Step = 15 * time.Second
	months := options()
	months.Step, months.Months, months.Location = time.Hour, true, time.FixedZone("here", 19_800)
	months.Limit = &models.ExhaustionOptions{Sustained: 6 * time.Hour, Falling: true, Within: []time.Duration{96 * time.Hour}}
	for day := start / 86_400_000; day < start/86_400_000+400; day += 19 {
		months.Days = append(months.Days, models.SpecialDay{Number: day, Kind: uint8(1 + day%2)})
	}
	daily := options()
	daily.Step = 24 * time.Hour
	budget := options()
	budget.Limit = nil
	budget.Budget = &models.BudgetOptions{Objective: 0.999, Window: 30 * 24 * time.Hour, Within: []time.Duration{96 * time.Hour}}
	return map[string]*models.Options{"5 minutes": all, "15 seconds": fast, "months": months, "a day": daily, "budget": budget}
}

// stateSeries are series of which states are made.
var stateSeries = map[string]func(random *rand.Rand, i, perDay int) float64{
	"daily": func(random *rand.Rand, i, perDay int) float64 {
		return 100 + 30*math.Sin(2*math.Pi*float64(i)/float64(perDay)) + 3*random.NormFloat64()
	},
	"constant": func(*rand.Rand, int, int) float64 { return 7 },
	"bursts": func(random *rand.Rand, _, _ int) float64 {
		if random.Float64() < .02 {
			return 1000 * random.ExpFloat64()
		}
		return 0
	},
	"gaps": func(random *rand.Rand, i, perDay int) float64 {
		if i%max(perDay, 3) > perDay/3 || random.Float64() < .3 {
			return math.NaN()
		}
		return float64(i % 5)
	},
	"grows":    func(random *rand.Rand, i, _ int) float64 { return float64(i) + random.NormFloat64() },
	"largest":  func(random *rand.Rand, _, _ int) float64 { return math.MaxFloat64 * (random.Float64()*2 - 1) },
	"infinite": func(_ *rand.Rand, i, _ int) float64 { return []float64{1, math.Inf(1), 2, math.Inf(-1)}[i%4] },
	"missing":  func(*rand.Rand, int, int) float64 { return math.NaN() },
}

func perDay(o *models.Options) int { return int(24 * time.Hour / o.Step) }

func made(shape string, o *models.Options, n int) []float64 {
	random := rand.New(rand.NewPCG(5, 1))
	v := make([]float64, n)
	for i := range v {
		v[i] = stateSeries[shape](random, i, perDay(o))
	}
	return v
}

// went is what a forecaster says while it goes on.
type went struct {
	Assessments []models.Assessment
	Forecasts   []models.Forecast
	Curve       []models.Point
	Exhaustion  models.Exhaustion
	Quality     []models.Quality
}

func goOn(f *models.Forecaster, o *models.Options, values []float64) (w went) {
	step := o.Step.Milliseconds()
	at := f.End() + step
	if f.End() == 0 {
		at = start / step * step
	}
	for i, v := range values {
		w.Assessments = append(w.Assessments, f.Observe(at+int64(i)*step, v))
		if f.Due() {
			f.Refit()
		}
	}
	w.Forecasts = f.Forecast(nil, []time.Duration{o.Step, 13 * o.Step, 400 * o.Step}, []float64{.5, .95})
	w.Curve = f.Curve(nil, f.End()-100*step, f.End()+20*step, step)
	f.Exhaustion(&w.Exhaustion, 500)
	for i := range o.Horizons {
		w.Quality = append(w.Quality, f.Quality(i))
	}
	return w
}

// sound reports whether what was said is what may be said of any series.
func (w *went) sound() bool {
	ascend := func(v ...float64) bool {
		return slices.IsSorted(v) && !slices.ContainsFunc(v, func(x float64) bool { return x-x != 0 })
	}
	for _, f := range w.Forecasts {
		if !ascend(f.Lower[1], f.Lower[0], f.Mean, f.Upper[0], f.Upper[1]) {
			return false
		}
	}
	for _, p := range w.Curve {
		if !ascend(p.Lower, p.Mean, p.Upper) {
			return false
		}
	}
	for _, p := range w.Exhaustion.Probability {
		if !(p >= 0 && p <= 1) {
			return false
		}
	}
	return !slices.ContainsFunc(w.Assessments, func(a models.Assessment) bool { return !(a.Value >= 0 && a.Value <= math.MaxFloat64) })
}

// alike is equality under which NaN is NaN.
func alike(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch x.Kind() {
	case reflect.Float64:
		return x.Float() == y.Float() || x.Float() != x.Float() && y.Float() != y.Float()
	case reflect.Slice, reflect.Array:
		for i := range x.Len() {
			if y.Len() != x.Len() || !alike(x.Index(i).Interface(), y.Index(i).Interface()) {
				return false
			}
		}
		return x.Len() == y.Len()
	case reflect.Struct:
		for i := range x.NumField() {
			if !alike(x.Field(i).Interface(), y.Field(i).Interface()) {
				return false
			}
		}
		return true
	}
	return a == b
}

func saved(t testing.TB, f *models.Forecaster) []byte {
	t.Helper()
	b, err := f.AppendBinary([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	if string(b[:6]) != "before" {
		t.Fatalf("the state is not appended: %q", b[:6])
	}
	return b[6:]
}

// A forecaster that was saved and restored goes on as one that was not.
func TestStateOutlivesARestart(t *testing.T) {
	for kind, o := range stateKinds() {
		for shape := range stateSeries {
			n := min(max(60, 15*perDay(o)), 5000)
			v := made(shape, o, n+n/3)
			f, restored := models.New(o), models.New(o)
			goOn(f, o, v[:n])
			if err := restored.UnmarshalBinary(saved(t, f)); err != nil {
				t.Fatalf("%s, %s: %v", kind, shape, err)
			}
			want, got := goOn(f, o, v[n:]), goOn(restored, o, v[n:])
			if !want.sound() || !alike(want, got) {
				t.Errorf("%s, %s: the restored forecaster goes on as %+v, the other as %+v", kind, shape, got, want)
			}
			if !slices.Equal(saved(t, f), saved(t, restored)) {
				t.Errorf("%s, %s: their states differ later", kind, shape)
			}
		}
	}
}

// No state of a part is taken, none with more behind it, none of another version, and none of other options.
func TestStateRefused(t *testing.T) {
	kinds := stateKinds()
	for kind, o := range kinds {
		f := models.New(o)
		goOn(f, o, made("daily", o, 1000))
		b := saved(t, f)
		for n := 0; n < len(b); n += 1 + n/50 {
			if models.New(o).UnmarshalBinary(b[:n]) == nil {
				t.Errorf("%s: the first %d of %d bytes are taken for a state", kind, n, len(b))
			}
		}
		for other, with := range kinds {
			if other != kind && models.New(with).UnmarshalBinary(b) == nil {
				t.Errorf("the state of %s is taken for one of %s", kind, other)
			}
		}
		newer := slices.Clone(b)
		newer[0]++
		if models.New(o).UnmarshalBinary(newer) == nil || models.New(o).UnmarshalBinary(append(b, 0)) == nil {
			t.Errorf("%s: a state of another version, or with more behind it, is taken", kind)
		}
	}
}

// A state that is damaged is refused or can be gone on with: nothing panics. That damaged files are not read at all is for
// their checksum to see to. Damage is a kind and, four bytes
// each, where a byte of its state differs and by what.
func FuzzState(f *testing.F) {
	kinds, names := stateKinds(), []string{"5 minutes", "15 seconds", "months", "a day", "budget"}
	states := map[string][]byte{}
	random := rand.New(rand.NewPCG(1, 2))
	for i, name := range names {
		o := kinds[name]
		one := models.New(o)
		goOn(one, o, made("daily", o, 1500))
		states[name] = saved(f, one)
		for n := range 20 {
			damage := make([]byte, 4*n)
			for j := range damage {
				damage[j] = byte(random.Uint32())
			}
			f.Add(uint8(i), damage)
		}
	}
	f.Fuzz(func(_ *testing.T, which uint8, damage []byte) {
		name := names[int(which)%len(names)]
		o, b := kinds[name], slices.Clone(states[name])
		for ; len(damage) >= 4; damage = damage[4:] {
			at := int(damage[0]) | int(damage[1])<<8 | int(damage[2])<<16
			b[at%len(b)] ^= damage[3]
		}
		one := models.New(o)
		if one.UnmarshalBinary(b) != nil {
			return
		}
		if end := one.End(); end < 0 || end > 1e15 {
			return
		}
		for _, shape := range []string{"daily", "grows"} {
			goOn(one, o, made(shape, o, 30))
			one.Refit()
		}
	})
}
