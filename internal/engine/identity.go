package engine

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// identity gives what makes a series the same over time: the values of the task's `by` labels, or all labels. It
// overwrites buf where that is large enough.
func (t *task) identity(buf []byte, ls labels.Labels) []byte {
	if t.config.By == nil {
		return ls.BytesWithoutLabels(buf, board.Reserved...)
	}
	return ls.BytesWithLabels(buf, t.by...)
}

// limitKey is by what a series or a limit is matched with the other.
func (t *task) limitKey(ls labels.Labels) string {
	switch {
	case t.config.Exhaustion == nil:
		return ""
	case t.on == nil:
		return string(ls.BytesWithoutLabels(nil, board.Reserved...))
	}
	return string(ls.BytesWithLabels(nil, t.on...))
}
