package config

import (
	"gopkg.in/yaml.v3"
)

// presetOf gives the value of a task's field `preset`, nil where it has none.
func (x *expansion) presetOf(task *yaml.Node) *yaml.Node {
	if task.Kind != yaml.MappingNode {
		return nil
	}
	if v := x.field(task, "preset"); v != nil && v.Kind == yaml.ScalarNode && !isNull(v) {
		return v
	}
	return nil
}

// field gives the value of a field of a mapping, merged ones too, without aliases; nil where it has none.
func (x *expansion) field(n *yaml.Node, name string) *yaml.Node {
	for _, f := range x.flatten(n, nil, 0) {
		if f.key.Value == name {
			return resolve(f.value)
		}
	}
	return nil
}

// copy gives what a node means without aliases and merges, nothing of it shared, so that it can be changed.
func (x *expansion) copy(n *yaml.Node, depth int) *yaml.Node {
	n = resolve(n)
	if x.visits++; x.visits > x.most || depth > maxDepth {
		return n
	}
	out := *n
	out.Content = nil
	if n.Kind == yaml.MappingNode {
		for _, f := range x.flatten(n, nil, 0) {
			key := *f.key
			out.Content = append(out.Content, &key, x.copy(f.value, depth+1))
		}
		return &out
	}
	for _, c := range n.Content {
		out.Content = append(out.Content, x.copy(c, depth+1))
	}
	return &out
}

type field struct{ key, value *yaml.Node }

// flatten lists the fields of a mapping, those that it merges after its own, as far as these don't have them.
func (x *expansion) flatten(n *yaml.Node, fields []field, depth int) []field {
	if n = resolve(n); n.Kind != yaml.MappingNode || depth > maxDepth {
		return fields
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if x.visits++; x.visits > x.most {
			return fields // strict tells
		}
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Tag == "!!merge" && resolve(value).Kind == yaml.SequenceNode:
			merges = append(merges, resolve(value).Content...)
		case key.Tag == "!!merge":
			merges = append(merges, value)
		case depth == 0 || !hasField(fields, key.Value):
			fields = append(fields, field{key, value})
		}
	}
	for _, m := range merges {
		fields = x.flatten(m, fields, depth+1)
	}
	return fields
}

func hasField(fields []field, name string) bool {
	for _, f := range fields {
		if f.key.Value == name {
			return true
		}
	}
	return false
}

// merged is a task of a preset with the fields of own (nil: none) in place of its own.
func (x *expansion) merged(own *yaml.Node, base *ready) *yaml.Node {
	hidden := map[string]bool{"requires": true, "uses": true, "why": true, "name": true}
	if !base.alerts {
		for _, f := range []string{"alert", "threshold"} {
			hidden[f] = get(own, "alert") == nil
		}
	}
	line := base.fields.Line
	if own != nil {
		line = own.Line
	}
	task := x.merge(own, base.fields, base.file, line, hidden)
	if !base.alerts {
		x.silence(get(task, "exhaustion"), get(get(own, "exhaustion"), "alerts"))
	}
	for _, name := range []string{"name", "preset"} {
		if get(task, name) == nil {
			key, value := text(name, base.fields.Line), text(base.name, base.fields.Line)
			x.files[key], x.files[value] = base.file, base.file
			task.Content = append([]*yaml.Node{key, value}, task.Content...)
		}
	}
	if own == nil {
		x.files[task] = base.file
	}
	return task
}

// merge gives a mapping with the fields of own, and those of base that own does not have. A mapping in both is merged in
// the same way; a field that own leaves empty is in neither.
func (x *expansion) merge(own, base *yaml.Node, file string, line int, hidden map[string]bool) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
	var mine []field
	if own != nil {
		mine = x.flatten(own, nil, 0)
	}
	limited := false // own has a limit, so that base's does not count
	for _, f := range mine {
		limited = limited || isLimit(f.key.Value)
		value := f.value
		theirs := get(base, f.key.Value)
		switch {
		case theirs != nil && isNull(resolve(value)):
			continue
		case theirs != nil && resolve(theirs).Kind == yaml.MappingNode && resolve(value).Kind == yaml.MappingNode:
			value = x.merge(resolve(value), resolve(theirs), file, f.key.Line, nil)
		}
		out.Content = append(out.Content, f.key, value)
	}
	for i := 0; i+1 < len(base.Content); i += 2 {
		key, value := base.Content[i], base.Content[i+1]
		if hidden[key.Value] || hasField(mine, key.Value) || limited && (isLimit(key.Value) || key.Value == "on") {
			continue
		}
		out.Content = append(out.Content, key, value)
		x.files[key], x.files[value] = file, file
	}
	return out
}

func isLimit(name string) bool { return name == "limit" || name == "limit_expr" || name == "budget" }

// silence turns the alerts of a preset's exhaustion into the times within which they look, where own has none.
func (x *expansion) silence(exhaustion, own *yaml.Node) {
	if exhaustion == nil || own != nil || get(exhaustion, "alerts") == nil {
		return
	}
	var rest []*yaml.Node
	for i := 0; i+1 < len(exhaustion.Content); i += 2 {
		key, value := exhaustion.Content[i], exhaustion.Content[i+1]
		if key.Value != "alerts" {
			rest = append(rest, key, value)
			continue
		}
		if get(exhaustion, "within") != nil {
			continue
		}
		within := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: value.Line}
		for _, a := range resolve(value).Content {
			if w := get(a, "within"); w != nil {
				within.Content = append(within.Content, w)
			}
		}
		name := text("within", key.Line)
		x.files[name], x.files[within] = x.files[key], x.files[value]
		rest = append(rest, name, within)
	}
	exhaustion.Content = rest
}
