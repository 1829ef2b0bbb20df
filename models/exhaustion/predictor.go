package exhaustion

import "math"

// The predictor predictions of how far the highest of the next h buckets lies above the level of bucket i. Each uses
// nothing later than i.
// predictor predicts a rise that is linear in h, of at + by*h, and not above cap*h.
type predictor struct{ at, by, cap float64 }

func (c *predictor) rise(h float64) float64 { return min(c.at+c.by*h, c.cap*h) }

// predictions fills dst with the predictions at bucket i. An envelope is not reached faster than what is written fills
// the gap to it.
func (p *path) predictions(dst *[predictors]predictor, i int) {
	for k := range dst {
		dst[k] = predictor{cap: math.Inf(1)}
	}
	for k, w := range [...]int{24, 72, 168, 336} {
		dst[1+k].by = damping * drift(p.level[:], i, w)
	}
	if p.trend != accumulating {
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
	dst[5] = predictor{day, 0, up24}
	dst[6] = predictor{week, 0, up168}
	dst[7] = predictor{day, drift(p.days[:], i, 24), up24}
	dst[8] = predictor{day, drift(p.days[:], i, 72), up72}
	dst[9] = predictor{day, drift(p.days[:], i, 168), up168}
	dst[10] = predictor{week, drift(p.weeks[:], i, 168), up168}
	dst[11] = predictor{week, drift(p.weeks[:], i, 336), up168}
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

// mixture weighs the predictions.
type mixture struct {
	n      int // predictions in use
	weight [predictors]float64
}

// weigh gives every predictor the fourth power of how much smaller its squared error is.
func (m *mixture) weigh(c trend, squares *[predictors]float64) {
	m.n = predictors
	if c != accumulating {
		m.n = predictorsNoisy
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
			m.weight[k] *= noRisePrior
		}
		sum += m.weight[k]
	}
	for k := range m.n {
		m.weight[k] /= sum
	}
}

// rise is what the mixture says of h buckets.
func (m *mixture) rise(c *[predictors]predictor, h float64) float64 {
	s := 0.0
	for k, w := range m.weight[:m.n] {
		s += w * c[k].rise(h)
	}
	return s
}
