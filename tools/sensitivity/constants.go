package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// packages are those whose constants are varied.
var packages = [...]string{"forecast", "anomaly", "exhaustion"}

// constant is one that was tuned.
type constant struct {
	pkg, name, value, what string
	file                   string // as the compiler names it
	from, to               int    // where its value stands in the file
}

// tuned returns the tuned constants of a package's constants.go: those whose comment, or that of their block, begins so.
func tuned(pkg string) ([]constant, error) {
	path, err := filepath.Abs(filepath.Join("models", pkg, "constants.go"))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("run it in the root of the repository: %w", err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var out []constant
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		whole := isTuned(block.Doc.Text())
		for _, s := range block.Specs {
			spec := s.(*ast.ValueSpec)
			what := strings.TrimSpace(spec.Comment.Text())
			if !whole && !isTuned(what) {
				continue
			}
			for i, name := range spec.Names {
				value := spec.Values[i]
				from, to := set.Position(value.Pos()).Offset, set.Position(value.End()).Offset
				out = append(out, constant{
					pkg: pkg, name: name.Name, value: string(text[from:to]), file: path, from: from, to: to,
					what: strings.TrimPrefix(strings.TrimPrefix(what, "tuned: "), "Tuned: "),
				})
			}
		}
	}
	return out, nil
}

func isTuned(comment string) bool { return strings.HasPrefix(strings.ToLower(comment), "tuned") }

// times returns the source of the constant's value times a factor, and false where that is no other value. What lies
// between a half and one is a share that is kept or a probability: the rest to one is varied.
func (c *constant) times(factor float64) (string, bool) {
	v, err := strconv.ParseFloat(c.value, 64)
	if err != nil {
		return fmt.Sprintf("(%s) * %g", c.value, factor), true
	}
	if !strings.ContainsAny(c.value, ".e") {
		n := max(1, math.Round(v*factor))
		return strconv.FormatFloat(n, 'f', 0, 64), n != v
	}
	if v > .5 && v < 1 {
		return strconv.FormatFloat(1-(1-v)*factor, 'g', 6, 64), true
	}
	return strconv.FormatFloat(v*factor, 'g', 6, 64), true
}

// with returns the text of the constant's file with another value in its place.
func (c *constant) with(value string) ([]byte, error) {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return nil, err
	}
	return []byte(string(text[:c.from]) + value + string(text[c.to:])), nil
}
