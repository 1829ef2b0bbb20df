// Package workflows checks what actionlint can't: that workflows call only what is there, and pin what they use; and that
// a release has one version everywhere.
package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const root = "../../.."

type workflow struct {
	Jobs map[string]struct {
		Steps []struct{ Run string }
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names returns the workflows' files.
func names(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d workflows: %v", len(paths), err)
	}
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = ".github/workflows/" + filepath.Base(p)
	}
	return out
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	out := map[string]workflow{}
	for _, name := range names(t) {
		var w workflow
		if err := yaml.Unmarshal([]byte(read(t, name)), &w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = w
	}
	return out
}

func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^uses: [a-z-]+/[a-z/-]+@[0-9a-f]{40} # v[0-9.]+$`)
	for _, name := range names(t) {
		for _, line := range regexp.MustCompile(`uses: .*`).FindAllString(read(t, name), -1) {
			if !pinned.MatchString(line) {
				t.Errorf("%s: %q is not pinned by commit, with its version beside it", name, line)
			}
		}
	}
}

// TestVersions: a release has one version, and an entry in the changelog below what is not released.
func TestVersions(t *testing.T) {
	v := strings.TrimSpace(read(t, "VERSION"))
	for _, field := range []string{"version: ", "appVersion: "} {
		if !strings.Contains(read(t, "deploy/helm/foresight/Chart.yaml"), "\n"+field+v+"\n") {
			t.Errorf("Chart.yaml has no %s%s", field, v)
		}
	}
	sections := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(read(t, "CHANGELOG.md"), 2)
	if len(sections) < 2 || sections[0][1] != "Unreleased" ||
		!regexp.MustCompile(`^`+regexp.QuoteMeta(v)+` / \d{4}-\d{2}-\d{2}$`).MatchString(sections[1][1]) {
		t.Errorf("CHANGELOG.md begins with %q, want Unreleased and %s / YYYY-MM-DD", sections, v)
	}
}
