// Package container tests the Dockerfile as far as that goes without a container engine: BuildKit's own parser and
// linter read it, and its commands are run on what .dockerignore leaves of the repository.
package container

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/opencontainers/go-digest"
)

const root = "../../.."

func dockerfile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// noRegistry answers for base images, of which the linter wants to know the configuration.
type noRegistry struct{}

func (noRegistry) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers"}}`), nil
}

func TestLint(t *testing.T) {
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", dockerfile(t))
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(t.Context(), dockerfile(t), dockerfile2llb.ConvertOpt{
		MetaResolver: noRegistry{}, SourceMap: source,
	})
	if err != nil {
		t.Fatal(err)
	}
	if results.Error != nil {
		t.Errorf("it does not build: %s", results.Error.Message)
	}
	for _, w := range results.Warnings {
		t.Errorf("%s: %s (%s)", w.RuleName, w.Detail, w.Description)
	}
}

// stages gives the stages, the last of which is the image.
func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(bytes.NewReader(dockerfile(t)))
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestImage checks what runs the image: its base, its user, its labels, and what must not be there.
func TestImage(t *testing.T) {
	all := stages(t)
	image := all[len(all)-1]
	if !strings.HasPrefix(image.BaseName, "gcr.io/distroless/static:nonroot@") {
		t.Errorf("the base is %s", image.BaseName)
	}
	for _, s := range all {
		if !regexp.MustCompile(`^[a-z./]+:[a-z0-9.]+@sha256:[0-9a-f]{64}$`).MatchString(s.BaseName) {
			t.Errorf("the base %s is not pinned by tag and digest", s.BaseName)
		}
	}
	labels := map[string]bool{}
	var user, entrypoint, volume, port string
	for _, c := range image.Commands {
		switch c := c.(type) {
		case *instructions.LabelCommand:
			for _, l := range c.Labels {
				labels[l.Key] = true
			}
		case *instructions.UserCommand:
			user = c.User
		case *instructions.EntrypointCommand:
			entrypoint = strings.Join(c.CmdLine, " ")
			if c.PrependShell {
				t.Error("the entry point needs a shell")
			}
		case *instructions.VolumeCommand:
			volume = strings.Join(c.Volumes, " ")
		case *instructions.ExposeCommand:
			port = strings.Join(c.Ports, " ")
		case *instructions.RunCommand, *instructions.HealthCheckCommand:
			t.Errorf("%s has no place in an image without a shell", c.Name())
		}
	}
	for _, l := range []string{"title", "description", "source", "documentation", "licenses", "version", "revision"} {
		if !labels["org.opencontainers.image."+l] {
			t.Errorf("no label org.opencontainers.image.%s", l)
		}
	}
	if user != "65532:65532" || entrypoint != "/bin/foresight" || volume != "/data" || port != "10780" {
		t.Errorf("USER %s, ENTRYPOINT %s, VOLUME %s, EXPOSE %s", user, entrypoint, volume, port)
	}
}

// buildContext copies what .dockerignore lets through.
func buildContext(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	patterns, err := ignorefile.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	err = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		if out, err := ignored.MatchesOrParentMatches(rel); err != nil || out {
			if err == nil && e.IsDir() && !holdsWanted(patterns, rel) {
				return filepath.SkipDir
			}
			return err
		}
		if e.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		copied := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(copied), 0o755); err != nil {
			return err
		}
		return os.WriteFile(copied, text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// holdsWanted reports whether a pattern takes back something in a folder that is ignored.
func holdsWanted(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return strings.HasPrefix(p, "!"+filepath.ToSlash(dir)+"/") })
}

// TestBuild runs each RUN of the building stage where COPY would have put the sources: twice, in two directories, for
// one and the same static binary.
func TestBuild(t *testing.T) {
	environment := append(os.Environ(), "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH, "VERSION=1.2.3", "REVISION=abc", "GOFLAGS=")
	var sums [2][sha256.Size]byte
	for i := range sums {
		dir := buildContext(t)
		for _, command := range stages(t)[0].Commands {
			run, ok := command.(*instructions.RunCommand)
			if !ok {
				continue
			}
			line := strings.Join(run.CmdLine, " ")
			if !run.PrependShell || len(run.CmdLine) == 0 {
				t.Fatalf("RUN %q has no command line", line)
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
			cmd.Dir, cmd.Env = dir, environment
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("RUN %s: %v\n%s", line, err, out)
			}
		}
		binary := filepath.Join(dir, "out", "foresight")
		text, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(text)
		if i > 0 {
			continue
		}
		checkBinary(t, binary)
		checkLicenses(t, filepath.Join(dir, "out", "licenses"))
		size := len(text)
		t.Logf("the binary has %.1f MB", float64(size)/1e6)
		if size > 70e6 {
			t.Errorf("the binary has %d bytes, want at most 70 MB", size)
		}
	}
	if sums[0] != sums[1] {
		t.Error("two builds in two directories differ")
	}
}

// checkLicenses looks for one of each kind: a licence, a notice, the sources that the MPL wants, Go's own.
func checkLicenses(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{
		"gonum.org/v1/gonum/LICENSE", "github.com/prometheus/prometheus/NOTICE", "github.com/hashicorp/go-version/version.go", "go/LICENSE",
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func checkBinary(t *testing.T, path string) {
	t.Helper()
	if runtime.GOOS == "linux" {
		e, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if slices.ContainsFunc(e.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC }) {
			t.Error("the binary is not static")
		}
	}
	out, err := exec.CommandContext(t.Context(), path, "--version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "version 1.2.3") || !strings.Contains(string(out), "abc") {
		t.Errorf("--version: %v\n%s", err, out)
	}
}
