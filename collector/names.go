package collector

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// plain tells whether a name can be written without quotes or escaping.
func plain(name string) bool { return model.LegacyValidation.IsValidLabelName(name) }

// escapedName is a source's label name as the scheme wants it. Bytes that no parser takes in a name are replaced.
func escapedName(name string, scheme model.EscapingScheme) string {
	if plain(name) {
		return name
	}
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD")
	if scheme == model.NoEscaping {
		return name
	}
	return strings.ReplaceAll(model.EscapeName(name, scheme), ":", "_") // EscapeName leaves colons, as in metric names
}

// rename gives the labels as they are exposed, sorted, names unique and none of them Foresight's own: a source's label
// of such a name becomes exported_<name>, and one whose escaped name is taken gets underscores at its end. Labels that
// are empty are left out, which means the same, and those without a name, over which a Prometheus would refuse the whole
// scrape.
func rename(ls labels.Labels, task string, scheme model.EscapingScheme) []labels.Label {
	var out, moved []labels.Label
	taken := map[string]bool{}
	ls.Range(func(l labels.Label) {
		switch {
		case l.Value == "" || l.Name == "" || l.Name == model.MetricNameLabel || l.Name == "task" && l.Value == task:
		case plain(l.Name) && !board.OwnLabel(l.Name):
			out = append(out, l)
			taken[l.Name] = true
		default:
			moved = append(moved, l)
		}
	})
	for _, l := range moved {
		if board.OwnLabel(l.Name) {
			l.Name = model.ExportedLabelPrefix + l.Name
			for taken[l.Name] {
				l.Name = model.ExportedLabelPrefix + l.Name
			}
		} else {
			l.Name = escapedName(l.Name, scheme)
			for taken[l.Name] {
				l.Name += "_"
			}
		}
		taken[l.Name] = true
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b labels.Label) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// appendLabel appends name="value".
func appendLabel(b []byte, name, value string) []byte {
	if plain(name) {
		b = append(append(b, name...), `="`...)
	} else {
		b = append(appendEscaped(append(b, '"'), name), `"="`...)
	}
	return append(appendEscaped(b, value), '"')
}

// appendEscaped appends what stands between quotes: a backslash, a quote and a line feed are escaped. Bytes that are
// not UTF-8, over which a Prometheus would refuse the whole scrape, are replaced.
func appendEscaped(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	from := 0
	for i := range len(s) {
		var escape string
		switch s[i] {
		case '\\':
			escape = `\\`
		case '"':
			escape = `\"`
		case '\n':
			escape = `\n`
		default:
			continue
		}
		b = append(append(b, s[from:i]...), escape...)
		from = i + 1
	}
	return append(b, s[from:]...)
}
