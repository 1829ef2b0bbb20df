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
	longToldTo = 10 * time.Minute // that Retry-After may ask for
	patience   = 5 * time.Second  // a query waits that long for the end of a back-off, or fails at once
	retries    = 3                // of one query
	remembered = 10 * time.Minute // for which an answer to one task speaks for the source when another's query fails
)

// question is what a back-off is kept for: what fails for one of them may be answered for others.
type question struct{ task, path, expr string }

// backoff has each query asked ever more rarely while it fails, and all of them while the source is away: it can't be
// reached, or no task's queries are answered.
type backoff struct {
	mu       sync.Mutex
	source   delay
	queries  map[question]*delay  // that fail
	answered map[string]time.Time // when tasks of which none fails were answered last
}

// delay is that of a query, or of the source.
type delay struct {
	failures int       // in a row
	last     time.Time // of a failure that counted
	until    time.Time
	told     time.Time // by Retry-After: not before
	cause    error
}

// wait returns when a query may be asked, and an error where that is too far off.
func (b *backoff) wait(ctx context.Context, q question) error {
	b.mu.Lock()
	until, cause := b.source.until, b.source.cause
	if d := b.queries[q]; d != nil {
		for _, own := range []time.Time{d.until, d.told} {
			if own.After(until) {
				until, cause = own, d.cause
			}
		}
	}
	b.mu.Unlock()
	left := time.Until(until)
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

// failed notes that a query begun at start failed, and reports whether the source is away: it could not be reached, or no
// other task was answered of late.
func (b *backoff) failed(q question, start time.Time, retryAfter time.Duration, unreachable bool, cause error) (away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queries == nil {
		b.queries = map[question]*delay{}
	}
	d := b.queries[q]
	if d == nil {
		d = &delay{}
		b.queries[q] = d
	}
	d.failed(start, cause)
	if retryAfter > 0 {
		d.told = time.Now().Add(min(retryAfter, longToldTo))
	}
	delete(b.answered, q.task)
	b.forget()
	if unreachable || len(b.answered) == 0 {
		b.source.failed(start, cause)
		return true
	}
	return false
}

// failed lengthens the delay after a failure of a query begun at start. Queries that were under way together count once.
func (d *delay) failed(start time.Time, cause error) {
	d.cause = cause
	if d.failures > 0 && start.Before(d.last) {
		return
	}
	wait := min(firstDelay<<min(d.failures, 10), longDelay)
	d.failures++
	d.last = time.Now()
	d.until = d.last.Add(wait/2 + rand.N(wait/2))
}

// succeeded notes an answer. After the source was away all are asked again, but for those that were told when.
func (b *backoff) succeeded(q question) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.queries, q)
	if b.source.failures > 0 {
		for q, d := range b.queries {
			*d = delay{told: d.told, cause: d.cause}
			if time.Until(d.told) <= 0 {
				delete(b.queries, q)
			}
		}
	}
	b.source = delay{}
	if q.task == "" { // a question of no task, such as whether the source is there
		return
	}
	if b.answered == nil {
		b.answered = map[string]time.Time{}
	}
	b.answered[q.task] = time.Now()
}

// forget drops answers that are too old to speak for the source, and failures of long ago.
func (b *backoff) forget() {
	for task, t := range b.answered {
		if time.Since(t) > remembered {
			delete(b.answered, task)
		}
	}
	for q, d := range b.queries {
		if time.Since(d.last) > remembered && time.Until(d.told) <= 0 {
			delete(b.queries, q)
		}
	}
}
