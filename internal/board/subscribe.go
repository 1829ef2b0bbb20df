package board

import (
	"context"
	"slices"
	"sync"
)

// Subscription is told of each snapshot that is published after it began, those of a task in their order. One who takes
// them too slowly misses what was overtaken: of each task the newest waits. It is safe for concurrent use.
type Subscription struct {
	all *subscribers

	mu      sync.Mutex
	waiting []*Snapshot
	ready   chan struct{} // holds one while something waits
}

// subscribers are those of a board. The zero value is ready.
type subscribers struct {
	mu  sync.Mutex
	all []*Subscription
}

// Subscribe begins a subscription. It has to be closed.
func (b *Board) Subscribe() *Subscription {
	s := &Subscription{all: &b.subscribers, ready: make(chan struct{}, 1)}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.all.all = append(s.all.all, s)
	return s
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.all.all = slices.DeleteFunc(s.all.all, func(x *Subscription) bool { return x == s })
}

// Next returns the snapshot that waits for longest. Where there is none it waits for one, or for ctx to end, whose error
// it returns then.
func (s *Subscription) Next(ctx context.Context) (*Snapshot, error) {
	for {
		if next := s.take(); next != nil {
			return next, nil
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Subscription) take() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		return nil
	}
	next := s.waiting[0]
	s.waiting = slices.Delete(s.waiting, 0, 1)
	return next
}

// tell never waits for a subscriber.
func (s *subscribers) tell(one *Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, to := range s.all {
		to.put(one)
	}
}

func (s *Subscription) put(one *Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(x *Snapshot) bool { return x.Task == one.Task })
	s.waiting = append(s.waiting, one)
	select {
	case s.ready <- struct{}{}:
	default:
	}
}
