package anomaly

// autoregression predicts an error from the three before it. Its coefficients solve the Yule-Walker equations of
// autocovariances that forget, by the recursion of Levinson (1946) and Durbin (1960), so that it is always stable.
type autoregression struct {
	Cov [4]float32
	Lag [3]float32 // newest first
	N   uint16
}

func (a *autoregression) predict() float64 {
	v := float64(a.Cov[0]) * (1 + ridge)
	if v <= 0 {
		return 0
	}
	var phi [3]float64
	for k := range phi {
		old := phi
		r := float64(a.Cov[k+1])
		for j := range k {
			r -= old[j] * float64(a.Cov[k-j])
		}
		r = max(-.999, min(r/v, .999))
		phi[k] = r
		for j := range k {
			phi[j] = old[j] - r*old[k-1-j]
		}
		v *= 1 - r*r
	}
	return phi[0]*float64(a.Lag[0]) + phi[1]*float64(a.Lag[1]) + phi[2]*float64(a.Lag[2])
}

const ridge = 5e-4

// learn takes the error e, and what of it may bend the coefficients; rate is the share of the newest covariance.
func (a *autoregression) learn(e, clipped, rate float64) {
	a.N += min(1, maxCount-a.N)
	g := max(rate, 1/float64(a.N))
	for k, x := range [4]float64{clipped, float64(a.Lag[0]), float64(a.Lag[1]), float64(a.Lag[2])} {
		approach(&a.Cov[k], clipped*x, g)
	}
	a.Lag = [3]float32{float32(e), a.Lag[0], a.Lag[1]}
}

// interrupt says that the last errors tell nothing of the next one.
func (a *autoregression) interrupt() { a.Lag = [3]float32{} }

const maxCount = 1<<16 - 1

// approach moves a mean towards a value by the share rate.
func approach(mean *float32, v, rate float64) { *mean += float32(rate * (v - float64(*mean))) }

func clip(v, c float64) float64 { return max(-c, min(v, c)) }
