package anomaly

// autoregression predicts an error from the three before it, by the Yule-Walker equations of forgotten autocovariances
// (solved by Levinson and Durbin: always stable).
type autoregression struct {
	Cov [4]float32
	Lag [3]float32
	N   uint16
}

func (a *autoregression) predict() float64 {
	c0 := float64(a.Cov[0]) * 1.0005
	if c0 <= 0 {
		return 0
	}
	var phi, old [3]float64
	v := c0
	for k := range 3 {
		acc := float64(a.Cov[k+1])
		for j := range k {
			acc -= old[j] * float64(a.Cov[k-j])
		}
		r := acc / v
		r = max(-.999, min(r, .999))
		phi[k] = r
		for j := range k {
			phi[j] = old[j] - r*old[k-1-j]
		}
		old = phi
		v *= 1 - r*r
	}
	return phi[0]*float64(a.Lag[0]) + phi[1]*float64(a.Lag[1]) + phi[2]*float64(a.Lag[2])
}

func (a *autoregression) learn(e, clipped float64, rate float64) {
	if a.N < 65535 {
		a.N++
	}
	g := float32(max(rate, 1/float64(a.N)))
	x := [4]float32{float32(clipped), a.Lag[0], a.Lag[1], a.Lag[2]}
	for k := range x {
		a.Cov[k] += g * (x[0]*x[k] - a.Cov[k])
	}
	a.Lag = [3]float32{float32(e), a.Lag[0], a.Lag[1]}
}

func (a *autoregression) forget() { a.Lag = [3]float32{} }
