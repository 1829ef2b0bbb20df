package anomaly

import "math"

// yardstick says how large an error of the series usually is where that much is expected: a slow, robust mean of the
// errors' sizes, and how they grow with the level (a variance function, Davidian and Carroll 1987, linear in the mean).
// Slow, so that what goes wrong does not excuse itself. All is in the scorer's unit.
type yardstick struct {
	Error          float32 // usual |error|: its mean, each counted up to huberLimit usual ones (Huber 1964)
	Mean, Var, Cov float64 // of the expectation, and of it with the errors' sizes
	Rows           uint32
	Quantum        float32 // least difference seen
	Move           float32 // usual |difference to the row before|
	Moves          uint32

	HeldError, HeldMove float32 // of the event under way
	Held                uint32
}

// usual returns the usual |error| where m is expected.
func (y *yardstick) usual(m float64) float64 {
	e, n := float64(y.Error), float64(y.Rows)
	if y.Var > 0 {
		e += y.Cov / y.Var * n / (n + levelRows) * (m - y.Mean)
	}
	return max(float64(y.Error)/levelMost, min(e, float64(y.Error)*levelMost*levelMost))
}

// unit returns the unit of errors where m is expected within an interval of that half-width. For as long as an interruption
// was, the interval alone knows how unsure a forecast is.
func (y *yardstick) unit(m, x, half float64, doubtful bool) float64 {
	h := halfWidth * y.usual(m)
	if doubtful {
		h = max(h, half)
	}
	return max(h, resolution*float64(y.Quantum), 1e-6*math.Abs(x), 1e-9)
}

// learn takes in the error r where m was expected.
func (y *yardstick) learn(m, r float64) {
	y.Rows += min(1, math.MaxUint32-y.Rows)
	share := max(rate, 1/float64(y.Rows))
	a := math.Abs(r)
	if y.Rows > warmUp {
		a = min(a, huberLimit*max(y.usual(m), float64(y.Error), float64(y.Quantum)*resolution/2))
	}
	d := m - y.Mean
	y.Mean += share * d
	y.Var += share * (d*(m-y.Mean) - y.Var)
	y.Cov += share * (d*(a-float64(y.Error)) - y.Cov)
	approach(&y.Error, a, share)
}

// move takes in a difference to the row before.
func (y *yardstick) move(moved float64) {
	y.Moves += min(1, math.MaxUint32-y.Moves)
	if y.Moves > warmUp {
		moved = min(moved, moveLimit*max(float64(y.Move), float64(y.Quantum)/20))
	}
	approach(&y.Move, moved, max(rate, 1/float64(y.Moves)))
}

// hold keeps, while an event lasts, how far errors are from their own level, and the movement.
func (y *yardstick) hold(apart, moved float64) {
	y.Held += min(1, math.MaxUint32-y.Held)
	share := max(rate, 1/float64(y.Held))
	approach(&y.HeldError, math.Abs(apart), share)
	approach(&y.HeldMove, moved, share)
}

// accept makes what was held the usual, since the event has become what is normal.
func (y *yardstick) accept() {
	if y.HeldError > y.Error {
		y.Cov *= float64(y.HeldError / max(y.Error, 1e-30))
		y.Error = y.HeldError
	}
	y.Move = y.HeldMove
	y.release()
}

// release forgets what was held.
func (y *yardstick) release() { y.HeldError, y.HeldMove, y.Held = 0, 0, 0 }

// approach moves a mean towards a value by a share of the way.
func approach(mean *float32, v, share float64) { *mean += float32(share * (v - float64(*mean))) }

func clip(v, c float64) float64 { return max(-c, min(v, c)) }
