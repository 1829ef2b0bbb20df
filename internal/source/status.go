package source

import (
	"log/slog"
	"sync"
	"time"
)

const tellEvery = time.Minute // at most, whether the source answers

// status is whether the source answers. It is told when that changes, but once a minute at most where it keeps changing.
type status struct {
	log *slog.Logger

	mu      sync.Mutex
	away    bool // as told last
	told    time.Time
	changes int // since
	was     bool
}

// note notes whether the source is away, and why.
func (s *status) note(away bool, url string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if away != s.was {
		s.was = away
		s.changes++
	}
	if away == s.away || !s.told.IsZero() && time.Since(s.told) < tellEvery {
		return
	}
	log := s.log
	if s.changes > 1 {
		log = log.With("changes", s.changes)
	}
	s.away, s.told, s.changes = away, time.Now(), 0
	if away {
		log.Warn("The source is unavailable", "err", err)
	} else {
		log.Info("The source answers again", "url", url)
	}
}
