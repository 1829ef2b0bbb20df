// Package workflows checks what actionlint can't: that workflows call only what is there, and pin what they use.
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

func TestWorkflows(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d workflows: %v", len(paths), err)
	}
	called := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, line := range regexp.MustCompile(`uses: .*`).FindAllString(string(text), -1) {
			if !regexp.MustCompile(`^uses: [a-z-]+/[a-z/-]+@[0-9a-f]{40} # v[0-9.]+$`).MatchString(line) {
				t.Errorf("%s: %q is not pinned by commit, with its version beside it", path, line)
			}
		}
		for name, job := range w.Jobs {
			for _, step := range job.Steps {
				for _, m := range regexp.MustCompile(`(?m)\bmake ([a-z][a-z-]*)|^(\.ci/\S+)`).FindAllStringSubmatch(step.Run, -1) {
					if strings.Contains(step.Run, "apt-get") {
						continue // there make is a package
					}
					called++
					if script := m[2]; script != "" {
						if info, err := os.Stat(filepath.Join(root, script)); err != nil || info.Mode()&0o111 == 0 {
							t.Errorf("%s, job %s: no program %s", path, name, script)
						}
						continue
					}
					if !hasTarget(string(makefile), m[1]) {
						t.Errorf("%s, job %s: no target %s in the Makefile", path, name, m[1])
					}
				}
			}
		}
	}
	if called < 8 {
		t.Errorf("found %d calls, want 8 at least", called)
	}
}

func hasTarget(makefile, target string) bool {
	if tool, ok := strings.CutPrefix(target, "tools-"); ok {
		_, err := os.Stat(filepath.Join(root, "tools", tool, "go.mod"))
		return err == nil
	}
	return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(makefile)
}

// TestVersions: a release has one version.
func TestVersions(t *testing.T) {
	version, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	chart, err := os.ReadFile(filepath.Join(root, "deploy/helm/foresight/Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	v := strings.TrimSpace(string(version))
	for _, field := range []string{"version: ", "appVersion: "} {
		if !strings.Contains(string(chart), "\n"+field+v+"\n") {
			t.Errorf("Chart.yaml has no %s%s", field, v)
		}
	}
}
