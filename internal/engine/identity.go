package engine

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// ownLabels are those that Foresight's metrics add; a source's label of that name becomes exported_<name>.
var ownLabels = []string{"horizon", "model", "probability", "season", "state", "task", "within"}

// exported gives the labels under which a source series is exported, task included.
func exported(task string, ls labels.Labels) labels.Labels {
	b := labels.NewScratchBuilder(ls.Len() + 1)
	taken := func(name string) bool { return ls.Has(name) || slices.Contains(ownLabels, name) }
	ls.Range(func(l labels.Label) {
		switch {
		case l.Name == labels.MetricName:
			return
		case slices.Contains(ownLabels, l.Name):
			name := "exported_" + l.Name
			for taken(name) {
				name = "exported_" + name
			}
			b.Add(name, l.Value)
		default:
			b.Add(l.Name, l.Value)
		}
	})
	b.Add("task", task)
	b.Sort()
	return b.Labels()
}

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
