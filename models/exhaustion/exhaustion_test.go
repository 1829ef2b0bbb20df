package exhaustion_test

import (
	"math"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/models/exhaustion"
)

const hour = int64(time.Hour / time.Millisecond)

func BenchmarkAssess(b *testing.B) {
	step := 5 * time.Minute.Milliseconds()
	o := &exhaustion.Options{Within: []time.Duration{24 * time.Hour, 96 * time.Hour}}
	for name, every := range map[string]int{"warm": 1 << 30, "sample": 1, "bucket": 12} {
		b.Run(name, func(b *testing.B) {
			m := exhaustion.New(step, o)
			i := 0
			next := func() {
				m.Observe(int64(i)*step, float64(i)+100*math.Sin(float64(i)/40), math.NaN())
				i++
			}
			for range 28 * 288 {
				next()
			}
			var a exhaustion.Assessment
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%every == every-1 || every == 12 {
					for range every {
						next()
					}
				}
				m.Assess(&a, 20000+float64(i))
			}
		})
	}
}
