package engine

import "github.com/prometheus/prometheus/model/labels"

// appendIdentity appends what makes a series the same over time: the values of the task's `by` labels, or all labels.
func (t *task) appendIdentity(b []byte, ls labels.Labels) []byte {
	if t.config.By == nil {
		return append(b, ls.BytesWithoutLabels(nil, labels.MetricName)...)
	}
	return append(b, ls.BytesWithLabels(nil, t.by...)...)
}

// limitKey is by what a series or a limit is matched with the other.
func (t *task) limitKey(ls labels.Labels) string {
	switch {
	case t.config.Exhaustion == nil:
		return ""
	case t.on == nil:
		return string(ls.BytesWithoutLabels(nil, labels.MetricName))
	}
	return string(ls.BytesWithLabels(nil, t.on...))
}
