// Package fleet follows the series of a task: it joins what the source names into series, learns them and keeps what was
// learnt.
package fleet

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/models"
)

// Series is one identity of a task: what it is called now and what was learnt of it.
type Series struct {
	Key      string        // the identity: values of the labels that make it
	Labels   labels.Labels // as exported, of the newest member
	LimitKey string        // of the newest member

	Members        []Member // those with samples pending, the newest one and the one before
	Join           identity.Join
	Pending        []identity.Sample // read and not yet learnt
	Limit          float64           // in force; NaN: none
	AmbiguousLimit bool
	Told           models.State // at the last publication
	Peer           models.Peer
	PeerScore      float64 // as of the last origin; NaN: none

	mu         sync.Mutex // guards what follows, which Curve uses too
	Forecaster *models.Forecaster
	Assessment models.Assessment // of the newest sample that is not missing
	Observed   float64
	LastSeen   int64  // time of the newest sample of any member that is a number
	Present    int64  // time of the newest sample, also of one that is none
	Failure    string // why the models failed; "": they did not
	Info       models.Info
	Season     string // as the label says it: "1d,1w", "none"
}

// Member is one source series of an identity.
type Member struct {
	Hash     uint64 // of its labels
	Labels   labels.Labels
	LimitKey string
}

// NewSeries returns a series that has seen nothing.
func NewSeries(key string, o *models.Options) *Series {
	s := &Series{Key: key, Forecaster: models.New(o), Limit: math.NaN(), PeerScore: math.NaN()}
	s.Inform()
	return s
}

// Knows reports whether a source series is a member.
func (s *Series) Knows(hash uint64) bool {
	return slices.ContainsFunc(s.Members, func(m Member) bool { return m.Hash == hash })
}

// Adopt takes the labels of the newest member and forgets members that are no longer of use. It reports whether the
// labels changed.
func (s *Series) Adopt() bool {
	s.Members = slices.DeleteFunc(s.Members, func(m Member) bool { return m.Hash != s.Join.Newest && m.Hash != s.Join.Older })
	for _, m := range s.Members {
		if m.Hash == s.Join.Newest && !labels.Equal(m.Labels, s.Labels) {
			s.Labels, s.LimitKey = m.Labels, m.LimitKey
			return true
		}
	}
	return false
}

// Lock has nobody else use what was learnt until Unlock.
func (s *Series) Lock() { s.mu.Lock() }

// Unlock ends what Lock began.
func (s *Series) Unlock() { s.mu.Unlock() }

// Learn observes what is pending before a moment (Unix milliseconds).
func (s *Series) Learn(before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.Guard()
	if s.Failure != "" {
		s.drop()
		return
	}
	s.Pending = s.Join.Each(s.Pending, before, func(t int64, v float64, at []identity.Sample) {
		s.Observe(t, v)
		s.see(at)
	})
	if len(s.Pending) == 0 && cap(s.Pending) > 4 {
		s.Pending = nil
	}
}

// Observe learns one sample.
func (s *Series) Observe(t int64, v float64) {
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	a := s.Forecaster.Observe(t, v)
	if t > s.LastSeen && !math.IsNaN(v) {
		s.Assessment, s.Observed = a, v
	}
}

// Refit learns anew from what is remembered.
func (s *Series) Refit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.Guard()
	s.Forecaster.Refit()
	s.Inform()
}

// Inform brings what is told of the models up to date.
func (s *Series) Inform() {
	s.Info = s.Forecaster.Info()
	s.Season = "none"
	if len(s.Info.Seasons) > 0 {
		names := make([]string, len(s.Info.Seasons))
		for i, d := range s.Info.Seasons {
			names[i] = model.Duration(d).String()
		}
		s.Season = strings.Join(names, ",")
	}
}

// Guard, deferred with the lock held, turns a panic in the models into a failed series.
func (s *Series) Guard() {
	if r := recover(); r != nil {
		s.Fail(r)
	}
}

// Fail makes the series one whose models failed, for a reason.
func (s *Series) Fail(reason any) {
	s.Failure = fmt.Sprint(reason)
	s.drop()
}

// drop forgets what is pending, except that it was seen: a failed series is there, not gone.
func (s *Series) drop() {
	s.see(s.Pending)
	s.Pending = nil
}

// see notes that samples were there. One that is NaN or infinite is a missing sample of a series that is there.
func (s *Series) see(all []identity.Sample) {
	for _, a := range all {
		s.Present = max(s.Present, a.T)
		if !math.IsNaN(a.V) && !math.IsInf(a.V, 0) {
			s.LastSeen = max(s.LastSeen, a.T)
		}
	}
}

// StaleAfter returns how long a series of that step is exported without a new sample.
func StaleAfter(step time.Duration) time.Duration { return max(5*time.Minute, 2*step) }

// State returns whether the series is forecast at a moment (Unix milliseconds), or why not, before its limit is looked
// at. It is stale from staleAfter (milliseconds) after its last number on.
func (s *Series) State(at, staleAfter int64) models.State {
	switch {
	case s.Failure != "":
		return models.StateFailed
	case s.Join.Ambiguous():
		return models.StateAmbiguous
	case at-s.LastSeen >= staleAfter:
		return models.StateStale
	default:
		return models.StateOf(s.Info.Status)
	}
}

// Scored reports whether a series in a state is held against what was expected of it.
func Scored(state models.State) bool {
	switch state {
	case models.StateFailed, models.StateAmbiguous, models.StateStale, models.StateWarmingUp:
		return false
	}
	return true
}

// Curve implements board.Ahead.
func (s *Series) Curve(dst []board.Point, from, to int64, step time.Duration) (points []board.Point, origin int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.Guard()
	if s.Failure != "" {
		return dst, 0
	}
	return s.Forecaster.Curve(dst, from, to, step.Milliseconds()), s.Forecaster.End()
}
