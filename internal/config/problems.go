package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// problems collects what is wrong with a file. Fields are addressed by paths such as "tasks[0].exhaustion.limit";
// the lines of those that the file holds are known.
type problems struct {
	file  string
	lines map[string]int
	names map[int]string // of tasks, by index
	list  []problem
}

type problem struct {
	line    int
	text    string
	warning bool
}

// has tells whether the file sets a field.
func (p *problems) has(path string) bool {
	_, ok := p.lines[path]
	return ok
}

// add reports an error of a field.
func (p *problems) add(path, format string, args ...any) {
	p.addAt(p.line(path), path, format, args...)
}

func (p *problems) addAt(line int, path, format string, args ...any) {
	p.list = append(p.list, problem{line: line, text: p.subject(path) + fmt.Sprintf(format, args...)})
}

// warn reports something valid that is likely not meant.
func (p *problems) warn(path, format string, args ...any) {
	p.list = append(p.list, problem{line: p.line(path), text: p.subject(path) + fmt.Sprintf(format, args...), warning: true})
}

// line of a field, or of the nearest one around it that the file holds.
func (p *problems) line(path string) int {
	for path != "" {
		if n, ok := p.lines[path]; ok {
			return n
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
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

// err joins the errors, in the order of the lines.
func (p *problems) err() error {
	var errs []error
	for _, s := range p.sorted(false) {
		errs = append(errs, errors.New(s))
	}
	return errors.Join(errs...)
}

func (p *problems) warnings() []string { return p.sorted(true) }

func (p *problems) sorted(warning bool) []string {
	list := slices.Clone(p.list)
	slices.SortFunc(list, func(a, b problem) int { return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text)) })
	var out []string
	for _, x := range list {
		if x.warning == warning {
			out = append(out, fmt.Sprintf("%s:%d: %s", p.file, x.line, x.text))
		}
	}
	return slices.Compact(out) // what an alias repeats is told once
}
