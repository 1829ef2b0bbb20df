package forecast

import (
	"math"
	"slices"
)

// maxTerms is the most terms a regression has, the constant included.
const maxTerms = 16

// terms are what a regression of a coarse value looks at: a constant, earlier values, and the profiles at its slot and
// the slot before.
type terms struct {
	lags [11]int
	n    int // lags in use
	long bool
	bent bool
	none bool // no profiles
}

// newTerms gives the terms around the short season, and with weekly around the long one too (Doornik, Castle, Hendry
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

// gram is the running normal equations of a weighted least squares fit that forgets.
type normalEquations struct {
	n     int
	a     [maxTerms * (maxTerms + 1) / 2]float64 // lower triangle by rows
	b     [maxTerms]float64
	total float64
	spread
}

// spread is a slow mean of clipped residuals, for Huber weights.
type spread struct {
	mean float64
	seen bool
}

const (
	memory      = 0.996 // weight of a row after one more
	ridge       = 3e-4
	ridgeConst  = 1e-6
	huberClip   = 3
	spreadRate  = 0.01
	fittedAfter = 3 // rows a term wants before the fit is used
)

// add learns one row, weighted down where it is far from the present fit.
func (g *normalEquations) add(f *[maxTerms]float64, y float64, beta *[maxTerms]float64, fitted bool) {
	w := 1.0
	if fitted {
		r := y
		for i, v := range f[:g.n] {
			r -= v * beta[i]
		}
		r = math.Abs(r)
		if !g.seen {
			g.mean, g.seen = r, true
		}
		if r > huberClip*g.mean && r > 0 {
			w = huberClip * g.mean / r
		}
		g.mean += spreadRate * (min(r, huberClip*g.mean+1e-12) - g.mean)
		w = max(w, 1e-3)
	}
	g.total = g.total*memory + w
	k := 0
	for i := range g.n {
		fi := w * f[i]
		row := g.a[k : k+i+1]
		for j := range row {
			row[j] = row[j]*memory + fi*f[j]
		}
		g.b[i] = g.b[i]*memory + fi*y
		k += i + 1
	}
}

// solve finds the coefficients by Cholesky; false where the equations are not positive definite.
func (g *normalEquations) solve(beta *[maxTerms]float64) bool {
	var l [maxTerms * (maxTerms + 1) / 2]float64
	var z [maxTerms]float64
	k := 0
	for i := range g.n {
		row := l[k : k+i+1]
		kj := 0
		for j := 0; j <= i; j++ {
			s := g.a[k+j]
			other := l[kj : kj+j+1]
			for m := range j {
				s -= row[m] * other[m]
			}
			if i == j {
				if i == 0 {
					s += ridgeConst * g.total
				} else {
					s += ridge * g.total
				}
				if !(s > 0) {
					return false
				}
				row[j] = math.Sqrt(s)
			} else {
				row[j] = s / other[j]
			}
			kj += j + 1
		}
		s := g.b[i]
		for m := range i {
			s -= row[m] * z[m]
		}
		z[i] = s / row[i]
		k += i + 1
	}
	for i := g.n - 1; i >= 0; i-- {
		s := z[i]
		for m := i + 1; m < g.n; m++ {
			s -= l[m*(m+1)/2+i] * beta[m]
		}
		beta[i] = s / l[i*(i+1)/2+i]
	}
	return true
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
