package forecast

import "math"

// normalEquations is the running normal equations of a weighted least squares fit that forgets.
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
