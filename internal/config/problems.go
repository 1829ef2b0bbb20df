package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// problems collects what is wrong with a file, and with those that are put into it. Fields are addressed by paths such
// as "tasks[0].exhaustion.limit"; the places of those that the files hold are known.
type problems struct {
	file   string
	files  map[*yaml.Node]string // of what comes from another one: a field's name, or all that is below a node
	places map[string]place
	names  map[int]string // of tasks, by index
	list   []problem
}

// place is where something is written.
type place struct {
	file string
	line int
}

// seenFrom names a place where it is clear which file another one is in.
func (a place) seenFrom(b place) string {
	if a.file == b.file {
		return fmt.Sprintf("line %d", a.line)
	}
	return fmt.Sprintf("%s:%d", a.file, a.line)
}

type problem struct {
	place
	text    string
	warning bool
}

func newProblems(file string) *problems {
	return &problems{file: file, files: map[*yaml.Node]string{}, places: map[string]place{}, names: map[int]string{}}
}

// has tells whether the file sets a field.
func (p *problems) has(path string) bool {
	_, ok := p.places[path]
	return ok
}

// add reports an error of a field.
func (p *problems) add(path, format string, args ...any) {
	p.addAt(p.place(path), path, format, args...)
}

func (p *problems) addAt(at place, path, format string, args ...any) {
	p.list = append(p.list, problem{place: at, text: p.subject(path) + fmt.Sprintf(format, args...)})
}

// warn reports something valid that is likely not meant.
func (p *problems) warn(path, format string, args ...any) {
	p.list = append(p.list, problem{place: p.place(path), text: p.subject(path) + fmt.Sprintf(format, args...), warning: true})
}

// place of a field, or of the nearest one around it that is written.
func (p *problems) place(path string) place {
	for path != "" {
		if at, ok := p.places[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return place{p.file, 1}
}

// subject turns the path of a field into the beginning of a message.
func (p *problems) subject(path string) string {
	if path == "" {
		return ""
	}
	rest, ok := strings.CutPrefix(path, "tasks[")
	if !ok {
		return path + ": "
	}
	number, field, _ := strings.Cut(rest, "]")
	field = strings.TrimPrefix(field, ".")
	i, _ := strconv.Atoi(number)
	s := "tasks[" + number + "]: "
	if name := p.names[i]; name != "" {
		s = fmt.Sprintf("task %q: ", name)
	}
	if field != "" {
		s += field + ": "
	}
	return s
}

func (p *problems) any() bool {
	return slices.ContainsFunc(p.list, func(x problem) bool { return !x.warning })
}

// err joins the errors, those of the file itself first, in the order of the lines.
func (p *problems) err() error {
	var errs []error
	for _, s := range p.sorted(false) {
		errs = append(errs, errors.New(s))
	}
	return errors.Join(errs...)
}

func (p *problems) warnings() []string { return p.sorted(true) }

// other is 1 for a file that is put into the one that was read.
func (p *problems) other(file string) int {
	if file == p.file {
		return 0
	}
	return 1
}

func (p *problems) sorted(warning bool) []string {
	list := slices.Clone(p.list)
	slices.SortFunc(list, func(a, b problem) int {
		return cmp.Or(p.other(a.file)-p.other(b.file), strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text))
	})
	var out []string
	for _, x := range list {
		if x.warning == warning {
			out = append(out, fmt.Sprintf("%s:%d: %s", x.file, x.line, x.text))
		}
	}
	return slices.Compact(out) // what an alias repeats is told once
}
