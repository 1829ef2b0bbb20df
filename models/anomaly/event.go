package anomaly

import "math"

// event turns the score of single samples into one that an alert can use: it rises with the first anomalous sample,
// stays just above 1 while the anomaly lasts, is quiet once that took longer than settling may, and speaks anew only
// for what is clearly worse than what it spoke for, or after a calm.
type event struct {
	Since  int64   // Unix milliseconds; of the open event
	Peak   float32 // of the open event, else of late
	Habit  float32 // events of the last week or so
	Calm   float32 // rows since the score was last above 1, or the peak was set
	Quiet  float32 // rows since a sample spoke by itself, not only what is left of those before
	Length float32 // rows since the event opened
	Mass   float32 // of the scores of late
	Wake   float32 // of late events: how far they were above 1
	Open   bool
	Sign   int8
	Part   Part
}

const (
	held     = 1.02 // the score while an event lasts
	again    = 1.5  // times its peak: an open event speaks anew
	linger   = 3    // rows that an event is held without evidence
	habit    = .085 // by which an event of late raises the bar
	wake     = .6   // of how far an event was above 1 raises the bar for the next, ...
	subsides = .6   // ... for so many days
	whisper  = .6   // what is left of a score below 1 after its peak

	lasts       = .9 // of the mass of scores, a row
	persistence = .4 // of that mass is a score, so that three to ten rows that are each nearly anomalous are
	warm        = .9 // a sample's own score from which it keeps an event up
)

// step takes the next sample, with what speaks against it, and gives the score to show. settle is the number of rows after
// which what lasts is normal, days the length of a row.
func (e *event) step(against verdict, t int64, settle, days float64) Score {
	e.Habit *= float32(math.Exp(-days / 7))
	e.Wake *= float32(math.Exp(-days / subsides))
	raised := 1 + habit*float64(e.Habit)
	v, alone, now := against.Score, against.Value/raised, against.now/raised
	e.Mass = float32(lasts*float64(e.Mass) + min(alone, against.fresh))
	v.Value = min(max(alone, persistence*float64(e.Mass)), highest)
	e.Calm++
	e.Quiet++
	e.Length++
	bar := 1 + wake*float64(e.Wake)
	anew := !e.Open && v.Value > bar || e.Open && e.Quiet > linger && now > bar
	if now > warm {
		e.Quiet = 0
	}
	if anew || e.Open && v.Value > again*float64(e.Peak) {
		if anew {
			e.Open, e.Since, e.Length = true, t, 0
			e.Habit++
		}
		e.Peak, e.Calm, e.Quiet, e.Sign, e.Part = float32(v.Value), 0, 0, v.Direction, v.Part
		e.Wake = max(e.Wake, float32(v.Value-1))
		v.Since = e.Since
		return v
	}
	if e.Open {
		if v.Value > 1 && alone > warm {
			e.Calm = 0
		}
		if e.Quiet < linger && float64(e.Length) < settle {
			return Score{Value: held, Direction: e.Sign, Part: e.Part, Since: e.Since}
		}
		if float64(e.Calm) > settle/2 {
			*e = event{Habit: e.Habit, Wake: e.Wake}
		}
		v.Value = whisper * min(v.Value, 1)
		return v
	}
	if v.Value = min(v.Value, 1); v.Value > 1.1*float64(e.Peak) {
		e.Peak, e.Calm = float32(v.Value), 0
		return v
	}
	if e.Calm > 12 {
		e.Peak *= .98
	}
	v.Value *= whisper
	return v
}

// older tells that the open event is older than so many rows.
func (e *event) older(rows float64) bool { return e.Open && float64(e.Length) > rows }

// settled tells that the open event has lasted for longer than settling may: what comes now is learnt as it is.
func (e *event) settled(settle float64) bool { return e.Open && float64(e.Length) >= settle }
