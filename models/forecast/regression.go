package forecast

import "slices"

// terms are what a regression of a coarse value looks at: a constant, earlier values, and the profiles at its slot and
// the slot before.
type terms struct {
	lags [11]int
	n    int // lags in use
	long bool
	bent bool
	none bool // no profiles
}

// newTerms returns the terms around the short season, and with weekly around the long one too (Doornik, Castle, Hendry
// 2020 have the like in Card; Castle, Doornik, Hendry 2021).
func newTerms(p, w int, weekly, bent bool) terms {
	t := terms{bent: bent, long: w > 0, none: p == 0}
	add := func(l int) {
		if l > 0 && t.n < len(t.lags) && !slices.Contains(t.lags[:t.n], l) {
			t.lags[t.n] = l
			t.n++
		}
	}
	for l := 1; l <= 3; l++ {
		add(l)
	}
	for _, s := range [2]int{p, w} {
		for l := s - 1; l <= s+2 && s > 3 && (s == p || weekly); l++ {
			add(l)
		}
	}
	return t
}

func (t *terms) size() int {
	switch {
	case t.none:
		return 1 + t.n
	case t.long:
		return 5 + t.n
	}
	return 3 + t.n
}

func (t *terms) longest() int {
	m := 0
	for _, l := range t.lags[:t.n] {
		m = max(m, l)
	}
	return m
}

// fill writes the terms of y[i], but for the profiles at its slot.
func (t *terms) fill(f *[maxTerms]float64, y []float64, i int) {
	f[0] = 1
	for j, l := range t.lags[:t.n] {
		f[1+j] = y[i-l]
	}
}

// season writes the profiles: at the slot, then at the slot before.
func (t *terms) season(f *[maxTerms]float64, short, long, short1, long1 float64) {
	if t.none {
		return
	}
	f[1+t.n], f[2+t.n] = short, short1
	if t.long {
		f[3+t.n], f[4+t.n] = long, long1
	}
}

// regression is one fit: its terms, its profiles (shared by regressions of the same scale) and its coefficients.
type regression struct {
	terms
	profiles *profiles
	beta     [maxTerms]float64
	fitted   bool
}

// path forecasts dst, one coarse step after the other, from the history y that ends at the origin with that slot,
// taking its own forecasts for later values; each is kept between low and high.
func (r *regression) path(dst, y []float64, slot int, part, low, high float64) {
	var f [maxTerms]float64
	n := r.size()
	short1, long1 := r.profiles.at(slot, part)
	for h := range dst {
		short, long := r.profiles.at(slot+h+1, part)
		v := r.beta[0]
		for j, l := range r.lags[:r.n] {
			if l <= h {
				v += r.beta[1+j] * dst[h-l]
			} else {
				v += r.beta[1+j] * y[len(y)+h-l]
			}
		}
		r.season(&f, short, long, short1, long1)
		for j := 1 + r.n; j < n; j++ {
			v += r.beta[j] * f[j]
		}
		dst[h] = max(low, min(v, high))
		short1, long1 = short, long
	}
}
