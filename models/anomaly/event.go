package anomaly

// event is a span of time in which things are wrong: it begins with a score above 1 and is over once the score was below
// closing for hourRows rows in a row.
type event struct {
	Start int64   // Unix milliseconds; 0: none
	Peak  float32 // score of the newest onset
	Calm  uint8   // rows since the score was last at closing
}

// step takes the score of time t and reports whether an event begins or clearly worsens.
func (e *event) step(score float64, t int64) (onset bool) {
	switch {
	case e.Start == 0:
		if onset = score > 1; onset {
			*e = event{Start: t, Peak: float32(score)}
		}
		return onset
	case score >= closing:
		e.Calm = 0
	default:
		if e.Calm++; e.Calm >= hourRows {
			*e = event{}
			return false
		}
	}
	if onset = score > float64(e.Peak)+worse; onset {
		e.Peak = float32(score)
	}
	return onset
}
