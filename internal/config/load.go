package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Load reads the configuration file at path. Relative paths in it are relative to its folder. The error names the
// file, the line, the task and the field of every problem found, one a line; it never contains a secret.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	c, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	c.Source.HTTP.SetDirectory(filepath.Dir(path))
	return c, nil
}

// Parse reads a configuration; name stands for the file in errors and warnings. As in Prometheus, environment
// variables are not expanded.
func Parse(name string, data []byte) (*Config, error) {
	p := newProblems(name)
	root, ok := p.parse(data)
	if !ok {
		return nil, p.err()
	}
	p.expand(root)
	p.strict(root, reflect.TypeFor[Config](), "")
	if p.any() {
		return nil, p.err()
	}
	c := defaultConfig()
	if err := root.Decode(c); err != nil {
		p.add("", "%s", yamlText(err))
		return nil, p.err()
	}
	c.Presets = nil // their tasks are among the others
	for i, t := range c.Tasks {
		p.names[i] = t.Name // also where it comes from a merge
	}
	p.fill(c)
	p.validate(c)
	if p.any() {
		return nil, p.err()
	}
	c.Warnings = p.warnings()
	return c, nil
}

// parse gives the root mapping of the only document.
func (p *problems) parse(data []byte) (*yaml.Node, bool) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := d.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		p.add("", "empty: a source and tasks are needed")
		return nil, false
	case err != nil:
		p.addAt(place{p.file, yamlLine(err)}, "", "%s", yamlText(err))
		return nil, false
	}
	switch err := d.Decode(&more); {
	case err == nil:
		p.addAt(place{p.file, more.Line}, "", "a second YAML document: only one is read")
	case !errors.Is(err, io.EOF):
		p.addAt(place{p.file, yamlLine(err)}, "", "%s", yamlText(err))
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		p.add("", "empty: a source and tasks are needed")
	}
	return &doc, !p.any()
}

var yamlLinePattern = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s+)?(?:line (\d+): )?`)

// yamlText is the message of an error of the YAML library without its prefixes.
func yamlText(err error) string {
	s := err.Error()
	return s[len(yamlLinePattern.FindString(s)):]
}

// yamlLine is the line that an error of the YAML library names, 1 where it names none.
func yamlLine(err error) int {
	if m := yamlLinePattern.FindStringSubmatch(err.Error()); m[1] != "" {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return n
		}
	}
	return 1
}
