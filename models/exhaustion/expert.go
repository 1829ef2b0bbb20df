package exhaustion

// The candidate predictions of how far the highest of the next h buckets lies above the level of bucket i. Each uses
// nothing later than i.
const (
	experts      = 12
	expertsNoisy = 5    // the first of them: no envelope
	damping      = 0.8  // of a drift that goes on
	leastDrift   = 6    // buckets that a drift is taken over at least
	favourZero   = 8    // times the weight of no rise, where the series is not accumulating
	floorError   = 1e-4 // of the error of no rise, below which errors do not count
)

// candidates fills dst with the predictions at bucket i for h buckets ahead.
func (p *path) candidates(dst *[experts]float64, i int, h float64) {
	clear(dst[:])
	for k, w := range [...]int{24, 72, 168, 336} {
		dst[1+k] = damping * drift(p.level, i, w) * h
	}
	if p.class == accumulating {
		day, week := p.days[i]-p.level[i], p.weeks[i]-p.level[i]
		dst[5], dst[6] = day, week
		dst[7] = day + drift(p.days, i, 24)*h
		dst[8] = day + drift(p.days, i, 72)*h
		dst[9] = day + drift(p.days, i, 168)*h
		dst[10] = week + drift(p.weeks, i, 168)*h
		dst[11] = week + drift(p.weeks, i, 336)*h
	}
	for k, v := range dst {
		if v != v {
			dst[k] = 0
		}
	}
}

// drift is the rise of x a bucket over the last w up to i, or over what there is of them.
func drift(x []float64, i, w int) float64 {
	w = min(w, i)
	if w < leastDrift {
		return 0
	}
	return (x[i] - x[i-w]) / float64(w)
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

func (m *mixture) mean(c *[experts]float64) float64 {
	s := 0.0
	for k, w := range m.weight[:m.n] {
		s += w * c[k]
	}
	return s
}
