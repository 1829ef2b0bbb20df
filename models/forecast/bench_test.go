package forecast

import (
	"testing"
	"time"
)

func benchModel() (*Model, *Options) {
	o := &Options{Step: 300_000, Level: 0.95, Horizons: []time.Duration{time.Hour, 24 * time.Hour}}
	return fitted(o, make1("daily", 1, 8064, 288)), o
}

func BenchmarkFit(b *testing.B) {
	v := make1("daily", 1, 8064, 288)
	o := &Options{Step: 300_000, Level: 0.95}
	b.ReportAllocs()
	for b.Loop() {
		fitted(o, v)
	}
}

func BenchmarkFitHourly(b *testing.B) {
	v := make1("daily", 1, 1680, 24)
	o := &Options{Step: 3_600_000, Level: 0.95}
	b.ReportAllocs()
	for b.Loop() {
		fitted(o, v)
	}
}

func BenchmarkObserve(b *testing.B) {
	m, o := benchModel()
	v := make1("daily", 2, 288, 288)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := m.End() + o.Step
		m.Expect(at)
		m.Observe(at, v[i%len(v)], false)
	}
}

func BenchmarkForecast(b *testing.B) {
	m, o := benchModel()
	leads := leadsOf(o.Step, 1, 12, 72, 288)
	dst := m.Forecast(nil, leads, []float64{0.95})
	b.ReportAllocs()
	for b.Loop() {
		dst = m.Forecast(dst, leads, []float64{0.95})
	}
}

func BenchmarkForecastWeek(b *testing.B) {
	m, o := benchModel()
	var n []int
	for i := range 2016 {
		n = append(n, i+1)
	}
	leads := leadsOf(o.Step, n...)
	dst := m.Forecast(nil, leads, []float64{0.95})
	b.ReportAllocs()
	for b.Loop() {
		dst = m.Forecast(dst, leads, []float64{0.95})
	}
}

// BenchmarkMonths is the work on two years of days, at both steps: a fit, the weekly one of months among it, and a forecast of
// a year of days.
func BenchmarkMonths(b *testing.B) {
	for _, step := range []int64{hour, day} {
		o := &Options{Step: step, Level: 0.95, Months: true, Horizons: []time.Duration{90 * 24 * time.Hour}}
		learnt := func() *Model {
			m := New(o)
			for at := int64(20_000) * day; at < 20_731*day; at += step {
				m.Observe(at, yearly(at), false)
			}
			return m
		}
		name := (time.Duration(step) * time.Millisecond).String()
		b.Run(name+"/learn", func(b *testing.B) {
			for b.Loop() {
				learnt().Refit()
			}
		})
		m := learnt()
		m.Refit()
		state, err := m.AppendBinary(nil)
		if err != nil {
			b.Fatal(err)
		}
		var leads []time.Duration
		for d := 1; d <= 365; d++ {
			leads = append(leads, time.Duration(d)*24*time.Hour)
		}
		b.Run(name+"/forecast", func(b *testing.B) {
			var dst []Forecast
			for b.Loop() {
				dst = m.Forecast(dst, leads, []float64{0.95})
			}
			b.ReportMetric(float64(len(state)), "state-bytes")
		})
	}
}
