package fleet

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/interval"
)

// never is the time of what was not seen, long before any other.
const never = math.MinInt64 / 4

// Series is one identity of a task: what it is called now and what was learnt of it. It is read while it is locked or
// the fleet is at rest, and changed by the fleet only. It is locked while [Fleet.Each] works on it.
type Series struct {
	Labels         labels.Labels // as exported, of the newest member
	Limit          float64       // in force; NaN: none
	LimitAmbiguous bool          // several claim to be it
	PeerScore      float64       // how unlike its siblings it is; NaN: not compared with any

	Forecaster *models.Forecaster
	Assessment models.Assessment // of the newest sample that is not missing
	Observed   float64           // that sample
	ObservedAt int64             // its time
	LastSeen   int64             // time of the newest sample of any member that is a number
	Info       models.Info       // as of the last fit
	Season     string            // of Info, as the label says it: "1d,1w", "none"
	Ahead      board.Ahead       // its curve

	Number int          // of those that the fleet gave in the order of joining
	Group  *Group       // nil: its task has none
	Index  int          // among those listed; -1: it is not
	Told   models.State // that was published last

	part     *partition
	key      string // the identity
	hash     uint64 // of the key
	limitKey string // of the newest member
	present  int64  // time of the newest sample, also of one that is none
	failure  string // why the models failed; "": they did not
	join     identity.Join
	members  []member          // those with samples pending, the newest one and the one before
	pending  []identity.Sample // read; what is before next is learnt
	next     int
	unsorted bool // pending is
	peer     models.Peer
}

// member is one source series of an identity.
type member struct {
	hash     uint64 // of its labels
	slice    uint64 // in which a sample was taken last
	labels   labels.Labels
	limitKey string
}

// Fail makes a locked series one whose models failed, for a reason.
func (s *Series) Fail(reason any) { s.failure = fmt.Sprint(reason) }

// Failure returns why the models failed, "" where they did not.
func (s *Series) Failure() string {
	s.part.mu.Lock()
	defer s.part.mu.Unlock()
	return s.failure
}

// newSeries returns a series that has seen nothing.
func newSeries(key string, hash uint64, o *models.Options) Series {
	s := Series{
		key: key, hash: hash, Forecaster: models.New(o), Limit: math.NaN(), PeerScore: math.NaN(), Index: -1,
		LastSeen: never, ObservedAt: never, present: never,
	}
	s.inform()
	return s
}

// State returns whether a locked series is forecast at a moment (Unix milliseconds), or why not, before its limit is
// looked at. It is stale from staleAfter (milliseconds) after its last number on.
func (s *Series) State(at, staleAfter int64) models.State {
	switch {
	case s.failure != "":
		return models.StateFailed
	case s.join.Ambiguous():
		return models.StateAmbiguous
	case at-s.LastSeen >= staleAfter:
		return models.StateStale
	default:
		return models.StateOf(s.Info.Status)
	}
}

// Value returns the value at a moment, NaN where it is missing.
func (s *Series) Value(at int64) float64 {
	if s.ObservedAt != at {
		return math.NaN()
	}
	return s.Observed
}

// seen is the time of its newest sample.
func (s *Series) seen() int64 { return max(s.LastSeen, s.present) }

// take keeps samples of a member until they are learnt. What was seen before is left out, as after a crash the source
// may be asked again.
func (s *Series) take(m *member, samples []Sample) {
	for _, one := range samples {
		if one.T <= s.seen() {
			continue
		}
		s.unsorted = s.unsorted || len(s.pending) > 0
		s.pending = append(s.pending, identity.Sample{Member: m.hash, T: one.T, V: one.V})
	}
}

func (s *Series) member(hash uint64) *member {
	for i := range s.members {
		if s.members[i].hash == hash {
			return &s.members[i]
		}
	}
	return nil
}

// due returns the time of the oldest sample that is not learnt yet, math.MaxInt64 where there is none.
func (s *Series) due() int64 {
	if s.unsorted {
		identity.Sort(s.pending)
		s.unsorted = false
	}
	if s.next == len(s.pending) {
		return math.MaxInt64
	}
	return s.pending[s.next].T
}

// learn observes what is pending before a moment, and fits the models when it is their turn.
func (s *Series) learn(f *Fleet, before int64) {
	s.part.mu.Lock()
	defer s.part.mu.Unlock()
	defer s.guard()
	for t := s.due(); t < before; t = s.due() {
		n := s.next + 1
		for n < len(s.pending) && s.pending[n].T == t {
			n++
		}
		at := s.pending[s.next:n]
		if s.failure == "" {
			s.observe(f, t, s.join.Next(at))
		}
		s.see(at)
		s.next = n
	}
}

// settle ends a slice: it gives back the memory of what is learnt, takes the labels of the newest member and forgets
// members that are no longer of use. It reports whether the labels changed.
func (s *Series) settle() (renamed bool) {
	s.pending, s.next = s.pending[:copy(s.pending, s.pending[s.next:])], 0
	if len(s.pending) > 0 {
		return false
	}
	if cap(s.pending) > 4 {
		s.pending = nil
	}
	s.members = slices.DeleteFunc(s.members, func(m member) bool { return m.hash != s.join.Newest && m.hash != s.join.Older })
	if m := s.member(s.join.Newest); m != nil && !labels.Equal(m.labels, s.Labels) {
		s.Labels, s.limitKey = m.labels, m.limitKey
		return true
	}
	return false
}

func (s *Series) observe(f *Fleet, t int64, v float64) {
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	a := s.Forecaster.Observe(t, v)
	if !math.IsNaN(v) {
		s.Assessment, s.Observed, s.ObservedAt = a, v, t
	}
	if f.turn(s, t) && s.Forecaster.Due() {
		f.fit(s)
	}
}

// see notes that samples were there. One that is NaN or infinite is a missing sample of a series that is there.
func (s *Series) see(all []identity.Sample) {
	for _, a := range all {
		s.present = max(s.present, a.T)
		if !math.IsNaN(a.V) && !math.IsInf(a.V, 0) {
			s.LastSeen = max(s.LastSeen, a.T)
		}
	}
}

// guard, deferred with the lock held, turns a panic in the models into a failed series: there, not gone.
func (s *Series) guard() {
	if r := recover(); r != nil {
		s.Fail(r)
		s.see(s.pending)
		s.next = len(s.pending)
	}
}

// inform brings what is told of the models up to date.
func (s *Series) inform() {
	s.Info, s.Season = s.Forecaster.Info(), "none"
	if len(s.Info.Seasons) == 0 {
		return
	}
	names := make([]string, len(s.Info.Seasons))
	for i, d := range s.Info.Seasons {
		names[i] = model.Duration(d).String()
	}
	s.Season = strings.Join(names, ",")
}

// ahead finds a series anew whenever its curve is asked for, since it may have moved or left.
type ahead struct {
	part *partition
	key  string
	step int64 // milliseconds
}

// Curve implements board.Ahead.
func (a *ahead) Curve(dst []board.Point, from, to int64, step time.Duration) (points []board.Point, origin int64) {
	points = dst
	a.ask(func(f *models.Forecaster) { points, origin = f.Curve(dst, from, to, step.Milliseconds()), f.End() })
	return points, origin
}

// Recent implements board.Past.
func (a *ahead) Recent(dst []board.Seen, n int) []board.Seen {
	out := dst
	a.ask(func(f *models.Forecaster) {
		step, end := a.step, f.End()
		points := f.Curve(nil, end-int64(n-1)*step, end, step)
		seen := dst
		for k := n - 1; k >= 0; k-- {
			one := board.Seen{T: end - int64(k)*step, Value: f.Lag(k), Expected: interval.Unknown()}
			for len(points) > 0 && points[0].T < one.T {
				points = points[1:]
			}
			if len(points) > 0 && points[0].T == one.T {
				one.Expected = points[0].Interval
			}
			if !math.IsNaN(one.Value) || one.Expected.Known() {
				seen = append(seen, one)
			}
		}
		out = seen
	})
	return out
}

// ask has the models of a series that is there and has not failed answer.
func (a *ahead) ask(question func(f *models.Forecaster)) {
	a.part.mu.Lock()
	defer a.part.mu.Unlock()
	s := a.part.find([]byte(a.key))
	if s == nil || s.failure != "" {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			s.Fail(r)
		}
	}()
	question(s.Forecaster)
}
