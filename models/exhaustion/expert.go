package exhaustion

import "math"

// The candidate predictions of how far the highest of the next h buckets lies above the level of bucket i. Each uses
// nothing later than i.
const (
	experts      = 13
	expertsNoisy = 6    // the first of them: no envelope
	damping      = 0.8  // of a drift that goes on
	leastDrift   = 6    // buckets that a drift is taken over at least
	favourZero   = 16   // times the weight of no rise, where the series is not accumulating
	floorError   = 1e-4 // of the error of no rise, below which errors do not count
)

// candidate predicts a rise that is linear in h, of at + by*h, and not above cap*h.
type candidate struct{ at, by, cap float64 }

func (c *candidate) rise(h float64) float64 { return min(c.at+c.by*h, c.cap*h) }

// candidates fills dst with the predictions at bucket i. An envelope is not reached faster than what is written fills
// the gap to it.
func (p *path) candidates(dst *[experts]candidate, i int) {
	for k := range dst {
		dst[k] = candidate{cap: math.Inf(1)}
	}
	for k, w := range [...]int{24, 72, 168, 336} {
		dst[1+k].by = damping * drift(p.level[:], i, w)
	}
	if p.class != accumulating {
		if v := p.usual[i] - p.level[i]; v == v {
			dst[5].at = v
			dst[6].at = v / 2
		}
		return
	}
	day, week := p.days[i]-p.level[i], p.weeks[i]-p.level[i]
	if day != day {
		day = 0
	}
	if week != week {
		week = 0
	}
	up24, up72, up168 := drift(p.gross[:], i, 24), drift(p.gross[:], i, 72), drift(p.gross[:], i, 168)
	dst[5] = candidate{day, 0, up24}
	dst[6] = candidate{week, 0, up168}
	dst[7] = candidate{day, drift(p.days[:], i, 24), up24}
	dst[8] = candidate{day, drift(p.days[:], i, 72), up72}
	dst[9] = candidate{day, drift(p.days[:], i, 168), up168}
	dst[10] = candidate{week, drift(p.weeks[:], i, 168), up168}
	dst[11] = candidate{week, drift(p.weeks[:], i, 336), up168}
	dst[12].by = damping / 2 * up24
}

// drift is the rise of x a bucket over the last w up to i, or over what there is of them; 0 where that is unknown.
func drift(x []float64, i, w int) float64 {
	w = min(w, i)
	if w < leastDrift {
		return 0
	}
	if d := x[i] - x[i-w]; d == d {
		return d / float64(w)
	}
	return 0
}

// mixture weighs the candidates.
type mixture struct {
	n      int // candidates in use
	weight [experts]float64
}

// weigh gives every candidate the fourth power of how much smaller its squared error is.
func (m *mixture) weigh(c class, squares *[experts]float64) {
	m.n = experts
	if c != accumulating {
		m.n = expertsNoisy
	}
	best := squares[0]
	for _, s := range squares[:m.n] {
		best = min(best, s)
	}
	floor := floorError*squares[0] + 1e-60
	sum := 0.0
	for k, s := range squares[:m.n] {
		q := (best + floor) / (s + floor)
		m.weight[k] = q * q * q * q
		if k == 0 && c != accumulating {
			m.weight[k] *= favourZero
		}
		sum += m.weight[k]
	}
	for k := range m.n {
		m.weight[k] /= sum
	}
}

// rise is what the mixture says of h buckets.
func (m *mixture) rise(c *[experts]candidate, h float64) float64 {
	s := 0.0
	for k, w := range m.weight[:m.n] {
		s += w * c[k].rise(h)
	}
	return s
}
