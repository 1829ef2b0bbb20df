package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/foresight-exporter/foresight/"

// pkg is a package as its files are, tests left out.
type pkg struct {
	doc     string // its comment
	files   []string
	imports []string // of this module
}

// packages reads all packages of the module, by their folder.
func packages(t *testing.T) map[string]*pkg {
	t.Helper()
	out := map[string]*pkg{}
	require.NoError(t, filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			hidden := strings.HasPrefix(e.Name(), ".") && rel != "."
			if hidden || e.Name() == "testdata" || rel != "." && err == nil {
				return fs.SkipDir // another module's, or no package
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		p := out[dir]
		if p == nil {
			p = &pkg{}
			out[dir] = p
		}
		p.doc += file.Doc.Text()
		p.files = append(p.files, e.Name())
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, module); ok {
				p.imports = append(p.imports, own)
			}
		}
		return nil
	}))
	require.Greater(t, len(out), 25)
	return out
}

// TestPackageCommentsGuide: every package says what it is, and one of three files and more what to read, by names of files
// that are there.
func TestPackageCommentsGuide(t *testing.T) {
	named := regexp.MustCompile(`(?:[a-z]+/)*[a-z_*]+\.go\b`)
	for dir, p := range packages(t) {
		require.Regexp(t, `^(Package|Command) [a-z]`, p.doc, "the comment of the package in %s", dir)
		files := named.FindAllString(p.doc, -1)
		if len(p.files) > 2 {
			require.NotEmpty(t, files, "the comment of the package in %s names no file to begin with", dir)
		}
		for _, f := range files {
			here, err := filepath.Glob(filepath.Join("..", dir, f))
			require.NoError(t, err)
			fromRoot, err := filepath.Glob(filepath.Join("..", f))
			require.NoError(t, err)
			require.NotEmpty(t, append(here, fromRoot...), "the comment of the package in %s names %s", dir, f)
		}
	}
}

// TestArchitectureNamesPackages: whoever reads the page has heard of every package.
func TestArchitectureNamesPackages(t *testing.T) {
	page := read(t, "architecture.md")
	for dir := range packages(t) {
		if strings.Count(dir, "/") > 1 || dir == "docs/figures" || strings.HasSuffix(dir, "/generate") {
			continue // a part of the package above it
		}
		if !regexp.MustCompile(`(?:^|[ ,` + "`" + `])` + regexp.QuoteMeta(dir) + `(?:[ ,:` + "`" + `]|\n)`).MatchString(page) {
			t.Errorf("architecture.md does not name %s", dir)
		}
	}
}

// TestPicture: between two packages that an arrow of the picture joins, one imports the other.
func TestPicture(t *testing.T) {
	picture := regexp.MustCompile("(?s)```mermaid\nflowchart LR\n(.*?)```").FindStringSubmatch(read(t, "architecture.md"))
	require.NotNil(t, picture, "architecture.md has no picture")
	all := packages(t)
	folder := func(node string) string {
		for _, dir := range []string{"internal/" + node, node} {
			if all[dir] != nil {
				return dir
			}
		}
		require.Contains(t, []string{"store", "tried", "subscribers"}, node, "the picture has something that is no package")
		return ""
	}
	arrows := 0
	for line := range strings.Lines(picture[1]) {
		bare := regexp.MustCompile(`\|[^|]*\||\[[^\]]*\]|\(\[[^\]]*\]\)|\(\[?[^)]*\)`).ReplaceAllString(line, "")
		groups := regexp.MustCompile(`<?-->|-\.->`).Split(bare, -1)
		for i := range groups[1:] {
			for a := range strings.SplitSeq(groups[i], "&") {
				for b := range strings.SplitSeq(groups[i+1], "&") {
					from, to := folder(strings.TrimSpace(a)), folder(strings.TrimSpace(b))
					if from == "" || to == "" {
						continue
					}
					arrows++
					require.True(t, slices.Contains(all[from].imports, to) || slices.Contains(all[to].imports, from),
						"an arrow joins %s and %s, neither of which imports the other", from, to)
				}
			}
		}
	}
	require.GreaterOrEqual(t, arrows, 15)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
