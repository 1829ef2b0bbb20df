package anomaly

import "math"

const (
	recalled = 3   // periods back that are looked at
	repeated = 2   // of them that must have had the like
	likeness = 1.3 // of an error remembered, up to which one is like it
	nearly   = .9  // score from which an error is remembered
)

// recurrence remembers by their time the errors that alarmed, or nearly, for three periods (days), so that a job that
// runs every night is known by the third.
type recurrence struct {
	Error [(recalled + 1) * parts]float32 // the largest of a part of a period, 0 if none
	At    int64                           // the newest part, counted from 1970
}

func (c *recurrence) part(at int64) *float32 {
	n := int64(len(c.Error))
	return &c.Error[(at%n+n)%n]
}

// advance moves on to part at.
func (c *recurrence) advance(at int64) {
	for b := max(c.At+1, at-int64(len(c.Error))+1); b <= at; b++ {
		*c.part(b) = 0
	}
	c.At = max(c.At, at)
}

// learn takes the error of a sample that alarmed, or nearly.
func (c *recurrence) learn(e float64) {
	if p := c.part(c.At); math.Abs(e) > math.Abs(float64(*p)) {
		*p = float32(e)
	}
}

// knows tells whether errors of that size, or larger ones, alarmed on two of the last three periods at this time, give or
// take a part; on either side, since a job that comes early or late is also missed where it was expected.
func (c *recurrence) knows(e float64) bool {
	n := 0
	for d := int64(1); d <= recalled; d++ {
		for b := max(c.At-d*parts-1, c.At-int64(len(c.Error))+1); b <= c.At-d*parts+1; b++ {
			if p := math.Abs(float64(*c.part(b))); p > 0 && math.Abs(e) <= likeness*p {
				n++
				break
			}
		}
	}
	return n >= repeated
}
