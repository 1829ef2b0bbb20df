// Package anomaly scores samples: how bad things are now, and since when. docs/models-anomaly.md explains the method.
//
// Read anomaly.go ([Scorer.Observe] is the way of a sample), yardstick.go (how large errors are), statistics.go (what
// is looked at), usual.go and tail.go (how seldom that is), score.go (judging and learning), event.go (from when until
// when), peers.go (replicas). Chosen numbers, with their reasons, are in constants.go.
package anomaly

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
	"github.com/foresight-exporter/foresight/models/interval"
)

// Options say what counts as anomalous. They are shared and never changed after use.
type Options struct {
	FalseEventsPerWeek       float64            // promised by score 1, a series; above 0
	Above, Below             bool               // which deviations count; none named: both
	MinimumDeviation         float64            // from the expectation, in the series' unit; smaller ones score 0
	MinimumRelativeDeviation float64            // as a share of the expectation
	Settle                   time.Duration      // after which what lasts is normal; 0: a day
	Active                   func(t int64) bool // score only at these times; nil: always
}

// Score says how bad things are at one moment. The zero Score says: nothing is wrong.
type Score struct {
	Value        float64 // 0: nothing speaks against the expectation; above 1: anomalous; no cap, always finite
	Direction    int8    // -1 below, 1 above the expectation, 0 neither
	Part         Part    // which part of the score speaks loudest
	Onset        bool    // an event begins with this sample, or clearly worsens
	Start        int64   // when the event under way began, Unix milliseconds; 0: none
	ReturnPeriod float64 // seconds: how often the like happens by chance; 0 where Value is
}

// Part names a part of the score.
type Part uint8

// The parts of a score.
const (
	PartNone   Part = iota
	PartPoint       // the sample is far from what was expected
	PartLevel       // the last rows were off on one side
	PartSpread      // the last rows swung more, or moved less, than they do
	PartBounds      // the value is outside of the bounds that the task gives
	PartKnown       // what would have spoken is known at this time of day
)

// String returns the part's name in pages and the API.
func (p Part) String() string {
	return [...]string{"none", "point", "level", "spread", "bounds", "known"}[min(p, PartKnown)]
}

// Lesson says what may be learnt of a sample.
type Lesson struct {
	Anomalous bool  // by its own score, whatever the gates let through: to be learnt as if missing
	Missing   bool  // outside of the bounds, or absurdly far: never to be learnt
	Accept    int64 // what was anomalous since then, Unix milliseconds, is normal now; 0: nothing
}

// Scorer scores one series. It is not safe for concurrent use.
type Scorer struct {
	options *Options
	step    int64   // milliseconds
	slot    int64   // milliseconds
	settle  float64 // milliseconds
	blocks  float64 // remembered
	forget  float32 // of the events of late, a row
	bar     float64 // evidence at which the score is 1
	state
}

// state is what a scorer knows, in fixed size. Values are kept as (value - Ref) / Unit.
type state struct {
	Ref, Unit   float64
	First, Last int64 // times; both 0 before the first sample
	Seen        bool
	Rows        uint32 // with an expectation
	Blocks      uint32
	BlockRows   uint8
	Yardstick   yardstick
	Recent      recent
	Usual       [statistics]usual
	Known       known
	Recall      [statistics]float32 // of the present hour
	Sum, Single tail
	Event, Told event   // of what is wrong, and of what the gates let through
	Habit       float32 // events over in the last week or so
	Side        int8
	Late        [3]float32 // the last scores
	Spoke       Part       // of the last score that stood by itself
}

// New returns a scorer that has seen nothing. step is in milliseconds, above 0.
func New(step int64, o *Options) *Scorer {
	s := &Scorer{options: o, step: step, slot: max(step, day/slots), settle: float64(o.Settle.Milliseconds()), state: fresh()}
	if o.Settle <= 0 {
		s.settle = float64(settle.Milliseconds())
	}
	s.forget = float32(math.Exp(-float64(step) / week))
	s.blocks = max(memoryLeast, memoryWeeks*week/float64(step)/hourRows)
	s.bar = -math.Log(min(commonest, o.FalseEventsPerWeek*s.blockWeeks()))
	return s
}

func fresh() (s state) {
	s = state{Sum: tail{From: sumStart, Mean: sumMean}, Single: tail{From: singleStart, Mean: singleMean}}
	for i, least := range floors() {
		s.Usual[i].Most = float32(math.Log(least))
	}
	return s
}

// blockWeeks returns how long a block is.
func (s *Scorer) blockWeeks() float64 { return hourRows * float64(s.step) / week }

// Observe scores the sample v of time t (Unix milliseconds) by earlier ones, learns it, and says what else may learn of
// it, in constant time and without allocating. impossible says that v is outside of the series' bounds. NaN, an infinity
// and skipped moments are missing; a sample not after the newest scores 0 and is not learnt.
func (s *Scorer) Observe(t int64, v float64, e interval.Interval, impossible bool) (Score, Lesson) {
	switch {
	case v-v != 0 || s.Seen && t <= s.Last:
		return Score{}, Lesson{}
	case impossible:
		return s.refuse(t)
	case !s.Seen:
		s.Ref, s.First, s.Last, s.Seen = v, t, t, true
		s.Recent.Value = v
		return Score{}, Lesson{}
	}
	gap := float64(t-s.Last) / float64(s.step)
	was, at := numeric.FloorDiv(s.Last, s.slot), numeric.FloorDiv(t, s.slot)
	s.Last = t
	if at != was {
		s.Known.advance(was, at)
		s.Known.recall(at, &s.Recall)
	}
	s.Recent.interrupt(gap, s.Yardstick.Move)
	moved := s.moved(v, gap)
	if e.Mean != e.Mean {
		s.Yardstick.move(moved)
		s.Recent.Value, s.Recent.Linked = v, false
		return Score{}, Lesson{}
	}
	return s.score(t, v, e, moved, at)
}

// moved returns the distance to the row before in the scorer's unit, which the first one sets.
func (s *Scorer) moved(v, gap float64) float64 {
	d := math.Abs(v - s.Recent.Value)
	if s.Unit == 0 && d > 0 {
		s.Unit = min(max(d, 1e-12*max(math.Abs(v), math.Abs(s.Ref))), math.MaxFloat64)
	}
	if d == 0 || gap >= adjacentRows {
		return 0
	}
	d = min(d/s.Unit, math.MaxFloat32/2)
	if y := &s.Yardstick; y.Quantum == 0 || d < float64(y.Quantum) {
		y.Quantum = float32(d)
	}
	return d
}

// refuse scores a value that can't be.
func (s *Scorer) refuse(t int64) (Score, Lesson) {
	score := Score{Value: impossible, Part: PartBounds, ReturnPeriod: s.returnPeriod(impossible * s.bar)}
	if s.options.Active != nil && !s.options.Active(t) {
		score = Score{}
	}
	score.Onset = s.Told.step(score.Value, t)
	score.Start = s.Told.Start
	return score, Lesson{Anomalous: true, Missing: true}
}

// returnPeriod returns how long it takes on average until a block has that much evidence by chance, in seconds.
func (s *Scorer) returnPeriod(evidence float64) float64 {
	return hourRows * float64(s.step) / 1000 * math.Exp(min(evidence, 500))
}

func (s *Scorer) scale(v float64) float64 {
	if s.Unit == 0 {
		return 0
	}
	return clip((v-s.Ref)/s.Unit, 1e30)
}
