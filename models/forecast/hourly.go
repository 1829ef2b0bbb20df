package forecast

import "math"

// hourMean is the mean of a coarse step under way.
type hourMean struct {
	number int64
	sum    float64
	n      int
}

// collect adds a sample to its clock hour and keeps that once it is over.
func (m *Model) collect(number int64, v float64, last bool) {
	b := &m.hour
	if b.number != number {
		if b.n > 0 {
			m.hourly.push(b.number, b.mean())
		}
		if !m.hourly.empty() && m.hourly.next < number {
			m.hourly.push(number-1, math.NaN())
		}
		*b = hourMean{number: number}
	}
	if v == v {
		b.sum += v
		b.n++
	}
	if last {
		m.hourly.push(number, b.mean())
		*b = hourMean{number: number + 1}
	}
}

func (b *hourMean) mean() float64 { return b.sum / float64(b.n) }
