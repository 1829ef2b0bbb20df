package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/foresight-exporter/foresight/internal/source"
)

const tellEvery = time.Minute // at most, of one fault

// told keeps what was logged of evaluations from being logged over and over where a fault comes and goes, or is that of
// all tasks: one line a minute. A task whose line is held back tries again with its next evaluation.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// theSources are the causes that are one fault, whichever task meets it.
var theSources = []string{string(source.ReasonUnavailable), string(source.ReasonMalformed), string(source.ReasonTimeout)}

// allow reports whether a line on a cause of a task may be written now.
func (t *told) allow(cause, task string) bool {
	key := "\x00" + cause
	if !slices.Contains(theSources, cause) {
		key = task + key
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, ok := t.last[key]; ok && time.Since(last) < tellEvery {
		return false
	}
	for k, last := range t.last {
		if time.Since(last) >= tellEvery {
			delete(t.last, k)
		}
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[key] = time.Now()
	return true
}
