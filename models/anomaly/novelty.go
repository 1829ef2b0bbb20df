package anomaly

import "math"

const (
	prototypes = 48
	width      = 8
	youngSteps = 32
)

// A dictionary of the shapes met so far: prototypes of windows of eight values.
type dictionary struct {
	Proto  [prototypes][width]float32
	Count  [prototypes]uint16
	Age    [prototypes]uint16
	Len    uint16
	Radius float32
}

type match struct {
	distance float64 // to the nearest prototype that counts; NaN if none
	nearest  int     // of all prototypes, -1 if none
	near     float64
	mean     float64 // of the prototype that counts
}

func (d *dictionary) match(w *[width]float32, young uint16) match {
	m := match{nearest: -1}
	best, second, all := math.Inf(1), math.Inf(1), math.Inf(1)
	bi, si := -1, -1
	for i := range int(d.Len) {
		p := &d.Proto[i]
		var s float64
		for k := range width {
			x := float64(w[k] - p[k])
			s += x * x
		}
		if s < all {
			all, m.nearest = s, i
		}
		if d.Age[i] < young {
			continue
		}
		if s < best {
			best, second, si, bi = s, best, bi, i
		} else if s < second {
			second, si = s, i
		}
	}
	m.near = math.Sqrt(all)
	m.distance = math.NaN()
	if bi >= 0 && d.Count[bi] < 2 && si >= 0 {
		best, bi = second, si
	}
	if bi >= 0 {
		m.distance = math.Sqrt(best)
		for _, x := range d.Proto[bi] {
			m.mean += float64(x) / width
		}
	}
	return m
}

func (d *dictionary) learn(w *[width]float32, m match) {
	for i := range int(d.Len) {
		if d.Age[i] < math.MaxUint16 {
			d.Age[i]++
		}
	}
	if m.nearest >= 0 && m.near <= float64(d.Radius) {
		p, c := &d.Proto[m.nearest], &d.Count[m.nearest]
		if *c < math.MaxUint16 {
			*c++
		}
		g := 1 / float32(min(*c, 30))
		for k := range width {
			p[k] += (w[k] - p[k]) * g
		}
		d.Radius *= 1 - .05*insertRate
		return
	}
	i := int(d.Len)
	if i < prototypes {
		d.Len++
	} else {
		worst := math.Inf(1)
		for j := range prototypes {
			v := float64(d.Count[j]) / (float64(d.Age[j]) + 100)
			if d.Age[j] >= youngSteps && v < worst {
				worst, i = v, j
			}
		}
		if i == prototypes {
			return
		}
	}
	d.Proto[i], d.Count[i], d.Age[i] = *w, 1, 0
	if m.nearest >= 0 {
		d.Radius = max(d.Radius*(1+.95*insertRate), float32(m.near)*1e-3)
	}
}

const insertRate = .1
