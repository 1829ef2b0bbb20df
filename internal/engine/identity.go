package engine

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/identity"
)

// limitKey is by what a series or a limit is matched with the other.
func (t *task) limitKey(ls labels.Labels) string {
	if t.config.Exhaustion == nil {
		return ""
	}
	return string(identity.Key(nil, t.on, ls))
}
