package board

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// OwnLabel tells whether Foresight's metrics add a label of that name; a source's becomes exported_<name>.
func OwnLabel(name string) bool {
	switch name {
	case "horizon", "model", "probability", "season", "state", "task", "within":
		return true
	}
	return false
}

// Reserved are the labels that name a series or say of what kind it is, rather than tell it from its siblings. Sorted.
var Reserved = []string{"__name__", "__type__", "__unit__"}

const moved = "exported_"

// ExportedLabel gives the name under which a label of the source is exported, where the source has no label of that
// name as well.
func ExportedLabel(name string) string {
	if OwnLabel(name) {
		return moved + name
	}
	return name
}

// ExportedLabels gives the labels under which a series of the source is exported by a task.
func ExportedLabels(task string, ls labels.Labels) labels.Labels {
	b := labels.NewScratchBuilder(ls.Len() + 1)
	ls.Range(func(l labels.Label) {
		switch {
		case slices.Contains(Reserved, l.Name):
			return
		case OwnLabel(l.Name):
			name := moved + l.Name
			for ls.Has(name) {
				name = moved + name
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

// SourceLabel gives the name that an exported label has at the source, "" for one that only Foresight adds.
func SourceLabel(exported string) string {
	if OwnLabel(exported) {
		return ""
	}
	if own := strings.TrimPrefix(exported, moved); OwnLabel(own) {
		return own
	}
	return exported
}
