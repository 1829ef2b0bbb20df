package exhaustion

import "math"

const (
	questionsEvery = 2 * day // buckets between the moments that are asked about
	questionsAfter = 3 * day // buckets of history before the first
	fewestAnswers  = 5
)

// coverage is how well the quantiles have done, as of a bucket.
type coverage struct {
	end   int64
	share float64
}

// Coverage is the share of limits, taken from the series' own past, that were reached between the quantiles 0.1 and
// 0.9 of what is said when only the samples before are known; NaN where fewer than five were reached. The limits are
// the highest of the day, three days and week after a moment, the moments every two days as far back as is remembered.
// It is taken anew, in a few milliseconds, when a day of buckets has passed since the last call that did so.
func (m *Model) Coverage() float64 {
	end := m.ring.complete()
	if m.covered.end == never || end-m.covered.end >= day {
		m.covered = coverage{end, m.ring.coverage(end)}
	}
	return m.covered.share
}

func (r *ring) coverage(end int64) float64 {
	var p path
	p.fill(r, end)
	inside, reached := 0, 0
	for i := p.n - 1 - day; i >= questionsAfter; i -= questionsEvery {
		var l law
		var q path
		q.fill(r, end-int64(p.n-1-i))
		l.learn(&q, r, end-int64(p.n-1-i), float64(q.n))
		if l.count == 0 {
			continue
		}
		last := 0
		for _, lead := range [...]int{day, 3 * day, 7 * day} {
			if i+lead >= p.n {
				break
			}
			after, limit := first(p.peak[i+1 : i+lead+1])
			if after == last || !(limit > p.peak[i]) || limit <= l.level {
				continue
			}
			last = after
			var a Assessment
			f := mixed{unit: float64(r.width) / 1000}
			l.base(&f.base, limit-l.level, r.width, false)
			f.assess(&a, nil)
			began, ended := float64(after-1)*float64(r.width)/1000, float64(after)*float64(r.width)/1000
			reached++
			if a.Seconds[0] <= ended && began <= a.Seconds[2] {
				inside++
			}
		}
	}
	if reached < fewestAnswers {
		return math.NaN()
	}
	return float64(inside) / float64(reached)
}

// first gives the highest value and how many values it took to reach it; 0 and -Inf where all are NaN.
func first(x []float64) (int, float64) {
	at, highest := 0, math.Inf(-1)
	for i, v := range x {
		if v > highest {
			at, highest = i+1, v
		}
	}
	return at, highest
}
