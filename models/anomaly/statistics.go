package anomaly

import "math"

// The statistics of a sample and its recent past, each 0 or above and the larger the less usual. Errors are in the
// yardstick's unit.
const (
	statAbove    = iota // the part of the error above what the error before explains
	statBelow           // the same below
	statHour            // mean error of the last rows, ...
	statLong            // ... and of many more: at most what the last three rows agree on
	statVolatile        // mean size of the last errors
	statFlat            // usual movement against that of late
	statistics
)

// recent is the memory of the last rows.
type recent struct {
	Value      float64           // the last one
	Error      float32           // the last one
	Linked     bool              // the last error explains the next
	Rows       uint8             // since the last interruption, up to hourRows
	Doubt      uint16            // rows until the series is as well known as before the last interruption
	Off        [3]float32        // the last errors
	Size       [hourRows]float32 // of the last unexplained parts, a ring
	At         uint8             // in Size
	Hour, Long float32           // mean errors
	Moved      float32           // mean movement
	Level      float64           // mean error of late, in the scorer's unit
	Var, Cov   float32           // of neighbouring errors, clipped
}

// interrupt forgets what was recent where samples are missing.
func (k *recent) interrupt(gap float64, usualMove float32) {
	if gap > adjacentRows {
		k.Linked = false
	}
	if gap > lostRows {
		k.Rows, k.Hour, k.Long, k.Off, k.Moved = 0, 0, 0, [3]float32{}, usualMove
		k.Doubt = uint16(max(float64(k.Doubt), min(gap, math.MaxUint16)))
	}
}

// unexplained returns the part of error u that the one before does not explain: what lies within a unit carries on as
// much as errors of the series do, what lies beyond does not, so that the part stays up as long as the value is out.
func (k *recent) unexplained(u float64) float64 {
	if !k.Linked || k.Var <= 0 {
		return u
	}
	return u - clip(float64(k.Cov)/float64(k.Var), 1)*clip(float64(k.Error), whitenClip)
}

// relate learns how much of an error carries on to the next, u.
func (k *recent) relate(u, share float64) {
	if !k.Linked {
		return
	}
	z := clip(float64(k.Error), whitenClip)
	approach(&k.Cov, clip(u, whitenClip)*z, share)
	approach(&k.Var, z*z, share)
}

// push takes in error u and its unexplained part s. While an event lasts the long mean rests: what is anomalous is not
// held against the hours after it.
func (k *recent) push(u, s, moved float64, event bool) {
	f := clip(u, math.MaxFloat32/2)
	k.Off = [3]float32{float32(f), k.Off[0], k.Off[1]}
	k.Size[k.At] = float32(min(math.Abs(s), math.MaxFloat32/2/hourRows))
	k.At = (k.At + 1) % hourRows
	k.Rows = min(k.Rows+1, hourRows)
	k.Doubt -= min(1, k.Doubt)
	approach(&k.Hour, f, 2./(hourRows+1))
	if !event {
		approach(&k.Long, clip(u, longClip), 2./(longRows+1))
	}
	approach(&k.Moved, moved, 2./(hourRows+1))
}

// measure fills in the statistics after a push.
func (k *recent) measure(x *[statistics]float64, s float64, usualMove float32) {
	late := median(float64(k.Off[0]), float64(k.Off[1]), float64(k.Off[2]))
	x[statAbove], x[statBelow] = max(s, 0), max(-s, 0)
	x[statHour] = sameSide(float64(k.Hour), late)
	x[statLong] = sameSide(float64(k.Long), late)
	if k.Rows < hourRows {
		return
	}
	x[statVolatile] = k.volatile()
	x[statFlat] = 1 / still
	if usualMove > 0 {
		x[statFlat] = float64(usualMove / (k.Moved + still*usualMove))
	}
}

// volatile returns the mean of the last sizes without the largest, so that one sample alone says nothing, and at most the
// largest of the last three, so that it ends with its cause.
func (k *recent) volatile() float64 {
	var sum, most, late float32
	for _, v := range k.Size {
		sum += v
		most = max(most, v)
	}
	for j := uint8(1); j <= 3; j++ {
		late = max(late, k.Size[(k.At+hourRows-j)%hourRows])
	}
	return float64(max(0, min((sum-most)/(hourRows-1), late)))
}

func median(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

// sameSide returns the size of a mean, at most what late says on the same side.
func sameSide(mean, late float64) float64 {
	if mean < 0 {
		mean, late = -mean, -late
	}
	return max(0, min(mean, late))
}
