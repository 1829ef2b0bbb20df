package workflows

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"mvdan.cc/sh/v3/syntax"
)

// runner has the commands that workflows may call because the runner's image (ubuntu-24.04, or the container of a job)
// brings them. Everything else is a target of the Makefile, a program of .ci or a pinned tool.
var runner = []string{"apt-get", "cat", "docker", "echo", "git", "jq", "tee", "test"}

// words returns the words of each command of a script, also of those within substitutions, pipes and lists. A word that is
// not literal counts as "".
func words(t *testing.T, where, script string) [][]string {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), where)
	if err != nil {
		t.Fatal(err) // also a ${{ expression }}, which has no place in a script: it belongs in env
	}
	var all [][]string
	syntax.Walk(file, func(node syntax.Node) bool {
		if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			command := make([]string, len(call.Args))
			for i, w := range call.Args {
				command[i] = w.Lit()
			}
			all = append(all, command)
		}
		return true
	})
	return all
}

// targets returns the targets of a call of make: its arguments but flags and variables.
func targets(command []string) []string {
	var out []string
	for _, w := range command[1:] {
		if w != "" && !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
			out = append(out, w)
		}
	}
	return out
}

// TestCommandsExist: each command of a workflow is there when it is called: targets in the Makefile, programs of .ci with the
// right to be run, tools of .tools that an earlier step of the job has built.
func TestCommandsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for file, w := range workflows(t) {
		calls := 0
		for name, job := range w.Jobs {
			var built []string
			for _, step := range job.Steps {
				where := file + ", job " + name
				for _, command := range words(t, where, step.Run) {
					calls++
					switch first := command[0]; {
					case first == "make":
						for _, target := range targets(command) {
							if !hasTarget(t, makefile, target) {
								t.Errorf("%s: no target %s in the Makefile", where, target)
							}
							if tool, ok := strings.CutPrefix(target, "tools-"); ok {
								built = append(built, tools(t)[tool]...)
							}
						}
					case strings.HasPrefix(first, ".ci/"):
						mustRun(t, where, first)
					case strings.HasPrefix(first, ".tools/"):
						if !slices.Contains(built, path.Base(first)) {
							t.Errorf("%s: no step before builds %s", where, first)
						}
					case !slices.Contains(runner, first):
						t.Errorf("%s: %q is no target, no program of .ci, no tool and not of the runner's", where, command)
					}
				}
			}
		}
		if calls == 0 {
			t.Errorf("%s calls nothing", file)
		}
	}
}

// TestToolsOfTheMakefile: what the Makefile runs from .tools is pinned in a module of tools, and its programs of .ci are there.
func TestToolsOfTheMakefile(t *testing.T) {
	makefile := read(t, "Makefile")
	var pinned []string
	for _, names := range tools(t) {
		pinned = append(pinned, names...)
	}
	used := regexp.MustCompile(`(?m)^\t.*\$\(TOOLS\)/([a-z][a-z_-]*)(?: |$)`).FindAllStringSubmatch(makefile, -1)
	for _, m := range used {
		if name := m[1]; name != "python" && !slices.Contains(pinned, name) {
			t.Errorf("no module of tools has %s", name)
		}
	}
	scripts := regexp.MustCompile(`(?m)^\t(\.ci/\S+)`).FindAllStringSubmatch(makefile, -1)
	for _, m := range scripts {
		mustRun(t, "Makefile", m[1])
	}
	if len(used) < 6 || len(scripts) < 2 {
		t.Errorf("%d uses of tools and %d of .ci were found, want 6 and 2 at least", len(used), len(scripts))
	}
}

// TestCommandsOfGoReleaser: its hooks and what it makes bills of materials with.
func TestCommandsOfGoReleaser(t *testing.T) {
	var release struct {
		Before struct{ Hooks []string }
		SBOMs  []struct{ Cmd string }
	}
	if err := yaml.Unmarshal([]byte(read(t, ".goreleaser.yml")), &release); err != nil {
		t.Fatal(err)
	}
	for _, hook := range release.Before.Hooks {
		if target, ok := strings.CutPrefix(hook, "make "); !ok || !hasTarget(t, read(t, "Makefile"), target) {
			t.Errorf("no target for the hook %q", hook)
		}
	}
	for _, s := range release.SBOMs {
		if !slices.Contains(tools(t)["sbom"], s.Cmd) {
			t.Errorf("tools/sbom has no %s", s.Cmd)
		}
	}
	if len(release.Before.Hooks) == 0 || len(release.SBOMs) == 0 {
		t.Error("neither hooks nor bills of materials were found")
	}
}

// TestWordsOfAScript: what the tests above are built on finds commands wherever they stand.
func TestWordsOfAScript(t *testing.T) {
	got := words(t, "here", `test "$A" = "$(cat VERSION)" && make image PUSH=true | tee -a "$OUT"`)
	var first []string
	for _, c := range got {
		first = append(first, c[0])
	}
	slices.Sort(first)
	if want := []string{"cat", "make", "tee", "test"}; !slices.Equal(first, want) {
		t.Errorf("found %q, want %q", first, want)
	}
	if got := targets([]string{"make", "-C", "image", "PUSH=true", "", "chart"}); !slices.Equal(got, []string{"image", "chart"}) {
		t.Errorf("targets %q", got)
	}
}

func mustRun(t *testing.T, where, program string) {
	t.Helper()
	if info, err := os.Stat(filepath.Join(root, program)); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("%s: %s is no program", where, program)
	}
}

func hasTarget(t *testing.T, makefile, target string) bool {
	t.Helper()
	if tool, ok := strings.CutPrefix(target, "tools-"); ok {
		return len(tools(t)[tool]) > 0
	}
	return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(makefile)
}

// tools returns the programs that each module of tools pins, by the module's folder.
func tools(t *testing.T) map[string][]string {
	t.Helper()
	modules, err := filepath.Glob(filepath.Join(root, "tools", "*", "go.mod"))
	if err != nil || len(modules) == 0 {
		t.Fatalf("%d modules of tools: %v", len(modules), err)
	}
	out := map[string][]string{}
	for _, m := range modules {
		text, err := os.ReadFile(m)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Base(filepath.Dir(m))
		for _, tool := range regexp.MustCompile(`(?m)^(?:tool |\t)([a-z]\S+/\S+)$`).FindAllStringSubmatch(string(text), -1) {
			name := path.Base(tool[1])
			if regexp.MustCompile(`^v[0-9]+$`).MatchString(name) {
				name = path.Base(path.Dir(tool[1]))
			}
			out[folder] = append(out[folder], name)
		}
	}
	return out
}
