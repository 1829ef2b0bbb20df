package anomaly

import "math"

type event struct {
	Habit [2]float32
	Hot   float32 // rows since the last heat
	Len   float32
	Peak  float32
}

func (ev *event) step(ch [2]float64, gap, rowDays float64) float64 {
	v := 0.0
	var fresh [2]bool
	for i := range ch {
		ev.Habit[i] *= float32(math.Exp(-rowDays / 7))
		if ch[i] > 1 {
			fresh[i] = true
			ch[i] = 1 + (ch[i]-1)/(1+.3*float64(ev.Habit[i]))
		}
		v = max(v, ch[i])
	}
	ev.Hot++
	if v > float64(ev.Peak)*1.0 {
		// a new peak
		if v > 1 {
			if ev.Peak < 1 {
				ev.Len = 0
				for i := range ch {
					if fresh[i] {
						ev.Habit[i]++
					}
				}
			}
			ev.Hot = 0
		}
		ev.Peak = float32(v)
		return v
	}
	ev.Len++
	out := 0.0
	if v > 1 && ev.Len < 100 {
		ev.Hot = 0
		out = 1.02
	} else if ev.Hot < 6 && ev.Peak > 1 && ev.Len < 100 {
		out = 1.01
	} else {
		out = min(v, 1) * .6
	}
	if ev.Hot > 12 {
		ev.Peak *= .99
	}
	return out
}
