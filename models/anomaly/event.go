package anomaly

import "math"

type event struct {
	Habit [2]float32
	Hot   float32 // rows since the last heat
	Len   float32
	Peak  float32
	Open  bool
}

func (ev *event) step(ch [2]float64, gap, rowDays float64) float64 {
	v := 0.0
	var fresh [2]bool
	for i := range ch {
		ev.Habit[i] *= float32(math.Exp(-rowDays / 7))
		if ch[i] > 1 {
			fresh[i] = true
			ch[i] = 1 + (ch[i]-1)/(1+K[14]*float64(ev.Habit[i]))
		}
		v = max(v, ch[i])
	}
	ev.Hot++
	ev.Len++
	if v > 1 && (!ev.Open || v > K[15]*float64(ev.Peak)) {
		if !ev.Open {
			ev.Len = 0
			for i := range ch {
				if fresh[i] {
					ev.Habit[i]++
				}
			}
		}
		ev.Open, ev.Peak, ev.Hot = true, float32(v), 0
		return v
	}
	if ev.Open {
		if v > 1 {
			ev.Hot = 0
		}
		if ev.Hot > float32(K[16]) {
			ev.Open = false
			ev.Peak = 0
		} else if ev.Hot < float32(K[18]) && ev.Len < float32(K[17]) {
			return 1.02
		}
		return min(v, 1) * .6
	}
	if v > K[19]*float64(ev.Peak) {
		ev.Peak = float32(v)
		ev.Hot = 0
		return v
	}
	if ev.Hot > 12 {
		ev.Peak *= .98
	}
	return v * .6
}
