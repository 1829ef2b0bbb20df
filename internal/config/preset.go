package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/presets"
)

// Preset is a file of ready tasks for one exporter or platform. docs/presets.md explains its format.
type Preset struct {
	Name  string        `yaml:"-"` // of the file, without its extension
	Title string        `yaml:"title"`
	About string        `yaml:"about,omitempty"`
	Tried []string      `yaml:"tried,omitempty"` // with what, each with its version; "documentation" where it could not be run
	Tasks []*PresetTask `yaml:"tasks"`
}

// PresetTask is a task of a preset, as it is written: without defaults.
type PresetTask struct {
	Requires []string `yaml:"requires,omitempty"` // metrics without which there is nothing to follow
	Uses     []string `yaml:"uses,omitempty"`     // metrics that are used where they are there
	Why      string   `yaml:"why,omitempty"`      // the numbers are as they are
	Task     `yaml:",inline"`
}

// PresetUse says which preset is used and what of it.
type PresetUse struct {
	Name          string `yaml:"-"`
	File          string `yaml:"file,omitempty"` // instead of one of Foresight's own
	PresetOptions `yaml:",inline"`
}

// PresetOptions narrow a preset down and switch its alerts on.
type PresetOptions struct {
	As     string            `yaml:"as,omitempty"`    // first part of the tasks' names; empty: that of the preset
	Tasks  []string          `yaml:"tasks,omitempty"` // nil: all
	Match  map[string]string `yaml:"match,omitempty"` // put into every selector
	Alerts PresetAlerts      `yaml:"alerts,omitempty"`
}

// PresetAlerts says which tasks of a preset alert.
type PresetAlerts struct {
	All   bool
	Tasks []string
}

// UnmarshalYAML reads true, false or a list of tasks.
func (a *PresetAlerts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode(&a.Tasks)
	}
	if err := n.Decode(&a.All); err != nil {
		return fmt.Errorf("want true, false or a list of tasks, have %s", quoted(n))
	}
	return nil
}

// UnmarshalYAML reads nothing: [problems.expand] has put the preset's tasks among the others.
func (*PresetUse) UnmarshalYAML(*yaml.Node) error { return nil }

// ReadPreset returns one of Foresight's own presets.
func ReadPreset(name string) (*Preset, error) {
	text, ok := presets.Read(name)
	if !ok {
		return nil, fmt.Errorf("there is no preset %q; known are %s", name, strings.Join(presets.Names(), ", "))
	}
	preset, _, p := parsePreset(presetPath(name), text)
	return preset, p.err()
}

// presetPath is what a preset of Foresight's own is called in errors.
func presetPath(name string) string { return "presets/" + name + ".yml" }

// parsePreset reads a preset's text; root holds its fields. Neither is to be used where there are errors.
func parsePreset(path string, text []byte) (preset *Preset, root *yaml.Node, p *problems) {
	p = newProblems(path)
	preset = &Preset{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	doc, ok := p.parse(text)
	if ok {
		p.strict(doc, reflect.TypeFor[Preset](), "")
	}
	if p.any() {
		return preset, nil, p
	}
	if err := doc.Decode(preset); err != nil {
		p.addAt(place{path, yamlLine(err)}, "", "%s", yamlText(err))
		return preset, nil, p
	}
	if len(preset.Tasks) == 0 {
		p.add("tasks", "none: at least one is needed")
	}
	for i, t := range preset.Tasks {
		at := fmt.Sprintf("tasks[%d]", i)
		if s := taskName(t.Name); s != "" {
			p.add(at+".name", "%s", s)
		}
		if t.Preset != "" {
			p.add(at+".preset", "a preset is not made of others")
		}
		if slices.ContainsFunc(preset.Tasks[:i], func(other *PresetTask) bool { return other.Name == t.Name }) {
			p.add(at+".name", "this name is taken by another task")
		}
	}
	return preset, resolve(doc.Content[0]), p
}

// text gives the text of a preset that is used, and the path that its errors name.
func (u *PresetUse) text(folder string) (path string, text []byte, err error) {
	if u.File == "" {
		text, ok := presets.Read(u.Name)
		if !ok {
			known := map[string]reflect.Type{}
			for _, name := range presets.Names() {
				known[name] = nil
			}
			return "", nil, fmt.Errorf("there is no preset %q%s; known are %s", u.Name, suggestion(u.Name, known), strings.Join(presets.Names(), ", "))
		}
		return presetPath(u.Name), text, nil
	}
	path = u.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	text, err = os.ReadFile(path)
	return path, text, err
}
