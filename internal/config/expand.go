package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// expand puts the tasks of the presets that a document uses among its own: where one of these names a task of a preset
// by its field `preset`, it becomes that one with the fields that differ; the others come after them. What comes from a
// preset keeps its place in the preset's file.
func (p *problems) expand(doc *yaml.Node) {
	root := resolve(doc.Content[0])
	if root.Kind != yaml.MappingNode {
		return
	}
	x := &expansion{problems: p, most: max(maxVisits, 4*count(doc)), known: map[string]*ready{}}
	uses, tasks := x.field(root, "presets"), x.field(root, "tasks")
	x.load(uses)
	if tasks == nil || isNull(tasks) {
		if len(x.order) == 0 {
			return
		}
		tasks = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: uses.Line}
		set := false
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value == "tasks" {
				root.Content[i+1], set = tasks, true
			}
		}
		if !set {
			root.Content = append(root.Content, text("tasks", tasks.Line), tasks)
		}
	}
	if tasks.Kind != yaml.SequenceNode {
		return
	}
	used := map[string]bool{}
	for i, own := range tasks.Content {
		name := x.presetOf(resolve(own))
		if name == nil {
			continue
		}
		base := x.known[name.Value]
		if base == nil {
			x.addAt(x.placeOf(name), fmt.Sprintf("tasks[%d].preset", i), "%s", x.unknown(name.Value))
			continue
		}
		used[name.Value] = true
		tasks.Content[i] = x.merged(resolve(own), base)
	}
	for _, name := range x.order {
		if !used[name] {
			tasks.Content = append(tasks.Content, x.merged(nil, x.known[name]))
		}
	}
}

// expansion is the work of expand.
type expansion struct {
	*problems
	visits, most int
	known        map[string]*ready // by preset and name: node.filesystem
	order        []string
}

// ready is a task of a preset that is used; fields is its mapping, not to be changed.
type ready struct {
	fields *yaml.Node
	file   string
	name   string
	alerts bool
}

func (x *expansion) placeOf(n *yaml.Node) place { return place{x.file, n.Line} }

func (x *expansion) unknown(name string) string {
	fields := map[string]reflect.Type{}
	for _, known := range x.order {
		fields[known] = nil
	}
	preset, _, _ := strings.Cut(name, ".")
	return fmt.Sprintf("%q is no task of the presets that are used%s; presets has to name %s", name, suggestion(name, fields), preset)
}

// load reads the presets of a list.
func (x *expansion) load(uses *yaml.Node) {
	if uses == nil || uses.Kind != yaml.SequenceNode {
		return // strict tells
	}
	for i, n := range uses.Content {
		before := len(x.list)
		use, at := x.use(resolve(n), "presets["+strconv.Itoa(i)+"]")
		if len(x.list) == before {
			x.take(use, n, at)
		}
	}
	uses.Content = nil // strict finds nothing more to say
}

// use reads one entry: the name of a preset, its name with options, or a file with them. It gives the path of the entry.
func (x *expansion) use(n *yaml.Node, at string) (*PresetUse, string) {
	use := &PresetUse{}
	switch {
	case n.Kind == yaml.ScalarNode && !isNull(n):
		use.Name = n.Value
	case n.Kind == yaml.MappingNode && get(n, "file") != nil:
		type plain PresetUse // without its UnmarshalYAML
		x.decode(n, (*plain)(use), at)
	case n.Kind == yaml.MappingNode && len(n.Content) == 2:
		use.Name = n.Content[0].Value
		at += "." + use.Name
		x.decode(resolve(n.Content[1]), &use.PresetOptions, at)
	default:
		x.addAt(x.placeOf(n), at, "want the name of a preset, its name with options (node: {alerts: true}), or a file")
	}
	return use, at
}

// decode checks the fields of n and reads them.
func (x *expansion) decode(n *yaml.Node, into any, at string) {
	before := len(x.list)
	w := &walk{problems: x.problems, here: x.file, most: x.most}
	w.value(n, reflect.TypeOf(into).Elem(), at, 0)
	if len(x.list) > before || isNull(n) {
		return
	}
	if err := n.Decode(into); err != nil {
		x.addAt(x.placeOf(n), at, "%s", yamlText(err))
	}
}

// take makes the tasks of a preset known.
func (x *expansion) take(use *PresetUse, n *yaml.Node, at string) {
	path, data, err := use.text(filepath.Dir(x.file))
	if err != nil {
		x.addAt(x.placeOf(n), at, "%s", err)
		return
	}
	preset, root, wrong := parsePreset(path, data)
	if wrong.any() {
		x.list = append(x.list, wrong.list...)
		return
	}
	x.matchers(use.Match, n, at)
	prefix := cmp.Or(use.As, preset.Name)
	names := map[string]bool{}
	for i, node := range resolve(get(root, "tasks")).Content {
		name := preset.Tasks[i].Name
		names[name] = true
		if use.Tasks != nil && !slices.Contains(use.Tasks, name) {
			continue
		}
		key := prefix + "." + name
		if x.known[key] != nil {
			x.addAt(x.placeOf(n), at, "there is a task %q already; with another name under as, a preset can be used twice", key)
			return
		}
		t := &ready{fields: x.copy(node, 0), file: path, name: key, alerts: use.Alerts.All || slices.Contains(use.Alerts.Tasks, name)}
		for _, field := range []*yaml.Node{get(t.fields, "expr"), get(get(t.fields, "exhaustion"), "limit_expr")} {
			narrow(field, use.Match)
		}
		x.known[key] = t
		x.order = append(x.order, key)
	}
	for field, chosen := range map[string][]string{"tasks": use.Tasks, "alerts": use.Alerts.Tasks} {
		for _, name := range chosen {
			if !names[name] {
				x.addAt(x.placeOf(n), at+"."+field, "the preset has no task %q; it has %s", name, listOf(preset))
			}
		}
	}
}

func listOf(preset *Preset) string {
	names := make([]string, len(preset.Tasks))
	for i, t := range preset.Tasks {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// resolve follows an alias; nil stays nil.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// get gives the value of a field of a mapping, nil where it has none.
func get(n *yaml.Node, name string) *yaml.Node {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func text(s string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: line}
}
