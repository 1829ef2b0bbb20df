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
