package anomaly

import "math"

const knnLen = 1008

type knn struct {
	M    [knnLen]float32
	Sum  float32
	N    int
	Head int // count of stored
}

// match: distance to second nearest among stored leaving out last skip
func (k *knn) match(w *[width]float32, skip int, second bool) match {
	var m match
	m.distance = math.NaN()
	n := min(k.Head, knnLen)
	b1, b2 := math.Inf(1), math.Inf(1)
	for j := skip; j+width <= n; j++ {
		var s float64
		// window ending at Head-1-j
		e := k.Head - 1 - j
		for i := width - 1; i >= 0; i-- {
			x := float64(w[i] - k.M[(e-(width-1)+i)%knnLen])
			s += x * x
			if s > b2 {
				break
			}
		}
		if s < b1 {
			b1, b2 = s, b1
		} else if s < b2 {
			b2 = s
		}
	}
	if !math.IsInf(b2, 1) {
		m.distance = math.Sqrt(b2)
	}
	return m
}

func (k *knn) learn(x float32) {
	k.Sum += x
	k.N++
	if k.N == 3 {
		k.M[k.Head%knnLen] = k.Sum / 3
		k.Head++
		k.Sum, k.N = 0, 0
	}
}
