package anomaly

import "math"

const (
	prototypes = 48
	width      = 8  // rows of a shape
	young      = 96 // learning steps until a prototype counts: what has just begun is not yet familiar
	rooted     = 32 // learning steps until a prototype may be replaced
	inertia    = 30 // rows a prototype's mean remembers
	insertions = .05
	adaptation = .1 // of the radius, a step
)

// A dictionary holds the shapes met so far: prototypes of windows of neighbouring rows, each the mean of what fell
// within a radius of it. The radius adapts so that one row in twenty founds a new prototype; the one met least per
// time makes room (sequential leader clustering, Hartigan 1975, with a bounded size).
type dictionary struct {
	Proto  [prototypes][width]float32
	Count  [prototypes]uint16
	Age    [prototypes]uint16 // learning steps since it was founded
	Len    uint8
	Radius float32
}

// find gives the prototype nearest to w, -1 if there is none, its distance, and the distance to the nearest that is
// old enough to count and was met twice (else to the second such); NaN if there is none.
func (d *dictionary) find(w *[width]float32) (nearest int, near, familiar float64) {
	nearest = -1
	all, first, second, met := math.Inf(1), math.Inf(1), math.Inf(1), uint16(0)
	for i := range int(d.Len) {
		var s float64
		for k, p := range d.Proto[i] {
			x := float64(w[k] - p)
			s += x * x
		}
		if s < all {
			all, nearest = s, i
		}
		if d.Age[i] < young {
			continue
		}
		if s < first {
			first, second, met = s, first, d.Count[i]
		} else if s < second {
			second = s
		}
	}
	if met < 2 && !math.IsInf(second, 1) {
		first = second
	}
	if math.IsInf(first, 1) {
		return nearest, math.Sqrt(all), math.NaN()
	}
	return nearest, math.Sqrt(all), math.Sqrt(first)
}

// learn takes the window w with what find gave for it.
func (d *dictionary) learn(w *[width]float32, nearest int, near float64) {
	for i := range int(d.Len) {
		d.Age[i] += min(1, maxCount-d.Age[i])
	}
	if nearest >= 0 && near <= float64(d.Radius) {
		p, n := &d.Proto[nearest], &d.Count[nearest]
		*n += min(1, maxCount-*n)
		for k := range p {
			p[k] += (w[k] - p[k]) / float32(min(*n, inertia))
		}
		d.Radius *= 1 - insertions*adaptation
		return
	}
	i := int(d.Len)
	if i < prototypes {
		d.Len++
	} else if i = d.weakest(); i < 0 {
		return
	}
	d.Proto[i], d.Count[i], d.Age[i] = *w, 1, 0
	if nearest >= 0 {
		d.Radius = max(d.Radius*(1+(1-insertions)*adaptation), float32(near)*1e-3)
	}
}

// weakest is the rooted prototype met least per time, -1 if there is none.
func (d *dictionary) weakest() int {
	least, at := math.Inf(1), -1
	for i, n := range d.Count {
		if v := float64(n) / (float64(d.Age[i]) + 100); d.Age[i] >= rooted && v < least {
			least, at = v, i
		}
	}
	return at
}
