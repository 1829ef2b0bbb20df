package source

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Times of the back-off.
const (
	firstDelay = 500 * time.Millisecond
	longDelay  = time.Minute
	patience   = 5 * time.Second // a query waits that long for the end of a back-off, or fails at once
	retries    = 3               // of one query
)

// backoff is shared by all queries, so that a source that is away is asked by few and ever more rarely.
type backoff struct {
	mu       sync.Mutex
	failures int       // in a row
	last     time.Time // of a failure that counted
	until    time.Time
	cause    error
}

// wait returns when the source may be asked, and an error where that is too far off.
func (b *backoff) wait(ctx context.Context) error {
	b.mu.Lock()
	left, cause := time.Until(b.until), b.cause
	b.mu.Unlock()
	if left <= 0 {
		return nil
	}
	if left > patience {
		return fmt.Errorf("not asked again for %s, after %w", left.Round(time.Second), cause)
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failed notes that a query begun at start failed, and tells whether it is the first failure after a success.
// Queries that were under way together count once.
func (b *backoff) failed(start time.Time, retryAfter time.Duration, cause error) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cause = cause
	if b.failures > 0 && start.Before(b.last) {
		return false
	}
	first = b.failures == 0
	delay := min(firstDelay<<min(b.failures, 10), longDelay)
	b.failures++
	b.last = time.Now()
	delay = delay/2 + rand.N(delay/2)
	b.until = b.last.Add(max(delay, min(retryAfter, 10*time.Minute)))
	return first
}

// succeeded notes an answer and tells whether it is the first after failures.
func (b *backoff) succeeded() (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first = b.failures > 0
	b.failures, b.until, b.cause = 0, time.Time{}, nil
	return first
}
