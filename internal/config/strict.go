package config

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	commonconfig "github.com/prometheus/common/config"
	"gopkg.in/yaml.v3"
)

// Limits of what a document may make the walk do by aliases and merges.
const (
	maxVisits = 100_000 // or a few times what is written
	maxDepth  = 64
)

// strict reports what of a document does not fit a Go type: unknown and repeated fields and values of the wrong kind.
// It notes the place of every field.
func (p *problems) strict(n *yaml.Node, t reflect.Type, path string) {
	w := &walk{problems: p, here: p.file, most: max(maxVisits, 4*count(n))}
	w.value(n, t, path, 0)
}

type walk struct {
	*problems
	here         string // the file that the walk is in
	visits, most int
}

// of is the place of a node.
func (w *walk) of(n *yaml.Node) place { return place{cmp.Or(w.files[n], w.here), n.Line} }

// count tells how many nodes are written in a document, without what aliases repeat.
func count(n *yaml.Node) int {
	all := 1
	for _, c := range n.Content {
		all += count(c)
	}
	return all
}

func (w *walk) value(n *yaml.Node, t reflect.Type, path string, depth int) {
	defer func(file string) { w.here = file }(w.here)
	w.here = cmp.Or(w.files[n], w.here)
	if w.visits++; depth > maxDepth || w.visits > w.most {
		if w.visits <= w.most+1 {
			w.visits = w.most + 1
			w.addAt(w.of(n), path, "too many nested aliases or merges")
		}
		return
	}
	switch {
	case n.Kind == yaml.DocumentNode && len(n.Content) == 1:
		w.value(n.Content[0], t, path, depth+1)
		return
	case n.Kind == yaml.AliasNode:
		w.value(n.Alias, t, path, depth+1)
		return
	case t.Kind() == reflect.Pointer:
		w.value(n, t.Elem(), path, depth+1)
		return
	case isNull(n):
		return
	}
	before := len(w.list)
	switch fields, rest := fieldsOf(t); {
	case fields != nil || rest != nil:
		if n.Kind != yaml.MappingNode {
			w.addAt(w.of(n), path, "want fields (name: value), have %s", kindOf(n))
			return
		}
		w.mapping(n, fields, rest, path, depth)
	case isMap(t):
		if n.Kind != yaml.MappingNode {
			w.addAt(w.of(n), path, "want fields (name: value), have %s", kindOf(n))
			return
		}
		w.mapping(n, nil, t.Elem(), path, depth)
	case t.Kind() == reflect.Slice && !unmarshals(t):
		if n.Kind != yaml.SequenceNode {
			w.addAt(w.of(n), path, "want a list, have %s", kindOf(n))
			return
		}
		for i, c := range n.Content {
			at := path + "[" + strconv.Itoa(i) + "]"
			w.places[at] = w.of(c)
			if path == "tasks" {
				w.names[i] = nameOf(c)
			}
			if isNull(c) {
				w.addAt(w.of(c), at, "empty")
				continue
			}
			w.value(c, t.Elem(), at, depth+1)
		}
		return
	}
	if len(w.list) == before && (unmarshals(t) || !isContainer(t)) {
		w.leaf(n, t, path)
	}
}

// mapping walks the fields of n. Unknown ones have the type rest, or are reported where it is nil.
func (w *walk) mapping(n *yaml.Node, fields map[string]reflect.Type, rest reflect.Type, path string, depth int) {
	seen := map[string]place{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			sources := []*yaml.Node{value}
			if value.Kind == yaml.SequenceNode {
				sources = value.Content
			}
			for _, s := range sources {
				for s.Kind == yaml.AliasNode {
					s = s.Alias
				}
				if s.Kind == yaml.MappingNode && depth < maxDepth && w.visits < w.most {
					w.visits++
					w.mapping(s, fields, rest, path, depth+1)
				}
			}
			continue
		}
		if key.Kind != yaml.ScalarNode {
			w.addAt(w.of(key), path, "a field's name must be text")
			continue
		}
		at := key.Value
		if path != "" {
			at = path + "." + key.Value
		}
		if first, ok := seen[key.Value]; ok {
			w.addAt(w.of(key), at, "set twice, first in %s", first.seenFrom(w.of(key)))
			continue
		}
		seen[key.Value] = w.of(key)
		t, ok := fields[key.Value]
		if !ok {
			t = rest
		}
		if t == nil {
			w.addAt(w.of(key), at, "unknown field%s", suggestion(key.Value, fields))
			continue
		}
		if isNull(value) {
			if t.Kind() == reflect.Pointer && isContainer(t.Elem()) {
				w.addAt(w.of(key), at, "empty: leave it out, or write {} for the defaults")
			}
			continue
		}
		w.places[at] = w.of(key)
		w.value(value, t, at, depth+1)
	}
}

// leaf decodes a value on its own, so that its error can be told with its field.
func (w *walk) leaf(n *yaml.Node, t reflect.Type, path string) {
	err := n.Decode(reflect.New(t).Interface())
	if err == nil {
		return
	}
	switch {
	case t == reflect.TypeFor[commonconfig.URL]():
		w.addAt(w.of(n), path, "not a URL") // the cause would quote it, with its password
	case t == reflect.TypeFor[commonconfig.Secret]() || n.Kind != yaml.ScalarNode && t.Kind() == reflect.String:
		w.addAt(w.of(n), path, "want text, have %s", kindOf(n))
	case t.Kind() == reflect.Bool:
		w.addAt(w.of(n), path, "want true or false, have %s", quoted(n))
	case t.Kind() == reflect.Float64:
		w.addAt(w.of(n), path, "want a number, have %s", quoted(n))
	case t.Kind() == reflect.Int:
		w.addAt(w.of(n), path, "want a whole number, have %s", quoted(n))
	case n.Kind != yaml.ScalarNode && t.Kind() != reflect.Struct:
		w.addAt(w.of(n), path, "want one value, have %s", kindOf(n))
	default:
		w.addAt(w.of(n), path, "%s", yamlText(err))
	}
}

// fieldsOf gives the YAML fields of a struct, those of inlined structs among them, and the element type of an inlined
// map; nothing for a type that is no struct or has no fields of its own.
func fieldsOf(t reflect.Type) (fields map[string]reflect.Type, rest reflect.Type) {
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	for f := range t.Fields() {
		tag, ok := f.Tag.Lookup("yaml")
		if !ok || tag == "-" || !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if fields == nil {
			fields = map[string]reflect.Type{}
		}
		switch inline := slices.Contains(strings.Split(options, ","), "inline"); {
		case !inline:
			fields[name] = f.Type
		case f.Type.Kind() == reflect.Map:
			rest = f.Type.Elem()
		default:
			more, _ := fieldsOf(f.Type)
			maps.Copy(fields, more)
		}
	}
	return fields, rest
}

func isMap(t reflect.Type) bool {
	return t.Kind() == reflect.Map && t.Elem().Kind() != reflect.Interface && !unmarshals(t)
}

func isContainer(t reflect.Type) bool {
	fields, rest := fieldsOf(t)
	return fields != nil || rest != nil || isMap(t)
}

// unmarshals tells whether values of t read themselves, in either way that the YAML library knows.
func unmarshals(t reflect.Type) bool {
	type old interface {
		UnmarshalYAML(unmarshal func(any) error) error
	}
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[yaml.Unmarshaler]()) || p.Implements(reflect.TypeFor[old]())
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func nameOf(task *yaml.Node) string {
	for task.Kind == yaml.AliasNode {
		task = task.Alias
	}
	for i := 0; i+1 < len(task.Content) && task.Kind == yaml.MappingNode; i += 2 {
		if task.Content[i].Value == "name" && task.Content[i+1].Kind == yaml.ScalarNode {
			return task.Content[i+1].Value
		}
	}
	return ""
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "fields"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

func quoted(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return kindOf(n)
	}
	return strconv.Quote(n.Value)
}

// suggestion names the known field that a misspelt one is closest to.
func suggestion(name string, fields map[string]reflect.Type) string {
	best, least := "", len(name)/3+2
	for f := range fields {
		if d := distance(name, f); d < least || d == least && best != "" && f < best {
			best, least = f, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + strconv.Quote(best) + "?"
}

// distance is the number of edits of single bytes between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
