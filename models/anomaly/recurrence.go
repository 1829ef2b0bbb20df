package anomaly

import "math"

const (
	recalled = 3                  // periods back that are looked at
	spanned  = recalled*parts + 2 // parts that takes: these, the one before the oldest, and the present one
	repeated = 2                  // of them that must have had the like
	likeness = 1.3                // of an error remembered, up to which one is like it
	longer   = 3                  // times as many large errors as were remembered, and as many more, are like it
	nearly   = .9                 // score from which an error is remembered
	job      = day / 12           // of an event, what may be a job
)

// recurrence remembers by their time the errors that alarmed, or nearly, for three periods (days), so that a job that
// runs every night is known by the third. Parts of periods are counted from 1970.
type recurrence struct {
	Error [spanned]float32 // size of the largest of a part of a period, 0 if none
	Rows  [spanned]uint8   // how many were at least half as large
	Run   uint8            // rows up to now with large errors
}

// advance moves on from part was to part at.
func (c *recurrence) advance(was, at int64) {
	for b := max(was+1, at-spanned+1); b <= at; b++ {
		i := modulo(b, spanned)
		c.Error[i], c.Rows[i] = 0, 0
	}
}

// learn takes the error of a sample in part at that alarmed, or nearly.
func (c *recurrence) learn(at int64, e float64) {
	i := modulo(at, spanned)
	c.Error[i] = max(c.Error[i], float32(math.Abs(e)))
	if math.Abs(e) >= float64(c.Error[i])/2 {
		c.Rows[i] += min(1, math.MaxUint8-c.Rows[i])
	}
}

// knows takes the error of the next sample, in part at, and tells whether errors of that size, or larger ones, alarmed on
// two of the last three periods at this time, give or take a part, and for about as long; on either side, since a job that
// comes early or late is also missed where it was expected.
func (c *recurrence) knows(at int64, e float64) bool {
	alike, large := 0, false
	for d := int64(1); d <= recalled; d++ {
		most, rows := 0., 0
		for b := at - d*parts - 1; b <= at-d*parts+1; b++ {
			i := modulo(b, spanned)
			most = max(most, float64(c.Error[i]))
			rows += int(c.Rows[i])
		}
		if most > 0 && math.Abs(e) <= likeness*most {
			large = large || math.Abs(e) >= most/2
			if int(c.Run) < longer*(rows+1) {
				alike++
			}
		}
	}
	if !large {
		c.Run = 0
	} else {
		c.Run += min(1, math.MaxUint8-c.Run)
	}
	return alike >= repeated
}
