package engine

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/models"
)

// series is one identity of a task: what it is called now and what was learnt of it.
type series struct {
	key      string        // the identity: values of the task's `by` labels
	labels   labels.Labels // as exported, of the newest member
	limitKey string        // of the newest member

	members         []member // those with samples pending, the newest one and the one before
	join            identity.Join
	pending         []identity.Sample // read and not yet learnt
	limit           float64           // in force; NaN: none
	ambiguousLimits bool
	state           models.State // at the last publication
	peer            models.Peer
	peerScore       float64 // as of the last origin; NaN: none

	mu         sync.Mutex // guards what follows, which Curve uses too
	forecaster *models.Forecaster
	assessment models.Assessment // of the newest sample that is not missing
	observed   float64
	lastSeen   int64  // time of the newest sample of any member that is a number
	present    int64  // time of the newest sample, also of one that is none
	failure    string // why the models failed; "": they did not
}

// member is one source series of an identity.
type member struct {
	hash     uint64 // of its labels
	labels   labels.Labels
	limitKey string
}

func (s *series) knows(hash uint64) bool {
	return slices.ContainsFunc(s.members, func(m member) bool { return m.hash == hash })
}

// adopt takes the labels of the newest member and forgets members that are no longer of use. It tells whether the
// labels changed.
func (s *series) adopt() bool {
	s.members = slices.DeleteFunc(s.members, func(m member) bool { return m.hash != s.join.Newest && m.hash != s.join.Older })
	for _, m := range s.members {
		if m.hash == s.join.Newest && !labels.Equal(m.labels, s.labels) {
			s.labels, s.limitKey = m.labels, m.limitKey
			return true
		}
	}
	return false
}

// learn observes what is pending before a moment (Unix milliseconds).
func (s *series) learn(before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.guard()
	if s.failure != "" {
		s.drop()
		return
	}
	s.pending = s.join.Each(s.pending, before, func(t int64, v float64, at []identity.Sample) {
		s.observe(t, v)
		s.see(at)
	})
	if len(s.pending) == 0 && cap(s.pending) > 4 {
		s.pending = nil
	}
}

func (s *series) observe(t int64, v float64) {
	if math.IsInf(v, 0) {
		v = math.NaN()
	}
	a := s.forecaster.Observe(t, v)
	if t > s.lastSeen && !math.IsNaN(v) {
		s.assessment, s.observed = a, v
	}
}

func (s *series) refit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.guard()
	s.forecaster.Refit()
}

// guard, deferred with the lock held, turns a panic in the models into a failed series.
func (s *series) guard() {
	if r := recover(); r != nil {
		s.failure = fmt.Sprint(r)
		s.drop()
	}
}

// drop forgets what is pending, except that it was seen: a failed series is there, not gone.
func (s *series) drop() {
	s.see(s.pending)
	s.pending = nil
}

// see notes that samples were there. One that is NaN or infinite is a missing sample of a series that is there.
func (s *series) see(all []identity.Sample) {
	for _, a := range all {
		s.present = max(s.present, a.T)
		if !math.IsNaN(a.V) && !math.IsInf(a.V, 0) {
			s.lastSeen = max(s.lastSeen, a.T)
		}
	}
}

// stateOf says whether the series is forecast, or why not, before its limit is looked at.
func (s *series) stateOf(stale bool, status models.Status) models.State {
	switch {
	case s.failure != "":
		return models.StateFailed
	case s.join.Ambiguous():
		return models.StateAmbiguous
	case stale:
		return models.StateStale
	default:
		return models.StateOf(status)
	}
}

// Curve implements board.Ahead.
func (s *series) Curve(dst []board.Point, from, to int64, step time.Duration) (points []board.Point, origin int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.guard()
	if s.failure != "" {
		return dst, 0
	}
	return s.forecaster.Curve(dst, from, to, step.Milliseconds()), s.forecaster.End()
}
