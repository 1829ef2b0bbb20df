// Package testkit is what tests share that run against real servers: the pinned tools, a Prometheus to talk to,
// history to fill it with, and waiting without sleeping.
//
// server.go starts what tool.go finds, history.go fills it, http.go asks, wait.go waits.
package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
)

// FindTool gives the path of a program that `make tools` builds (prometheus, promtool, alertmanager, amtool), from
// $FORESIGHT_TOOLS or the repository's .tools. Where it is missing the test is not run; see [NotRun].
func FindTool(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("FORESIGHT_TOOLS")
	if dir == "" {
		dir = filepath.Join(Root(), ".tools")
	}
	path := filepath.Join(dir, name)
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		NotRun(t, name+" is not in "+dir+": run `make tools`")
	}
	return path
}

// FindSystem gives the path of a program that the system provides, such as chromium. Where it is missing the test is
// not run; see [NotRun].
func FindSystem(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		NotRun(t, name+" is not installed")
	}
	return path
}

// FindPrometheus2 gives the path of the system's Prometheus 2.x, as Debian packages it. Where it is missing or of
// another version the test is not run; see [NotRun].
func FindPrometheus2(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("prometheus")
	if err != nil {
		NotRun(t, "Prometheus 2.42 (Debian's package prometheus) is not installed")
	}
	out, err := exec.CommandContext(t.Context(), path, "--version").CombinedOutput()
	if err != nil || !regexp.MustCompile(`version 2\.`).Match(out) {
		NotRun(t, path+" is not a Prometheus 2.x")
	}
	return path
}

// NotRun ends the test because something outside the repository is missing: a failure when CI=true, else a skip that
// `make test` lists at its end.
func NotRun(t testing.TB, why string) {
	t.Helper()
	message := "NOT RUN: " + t.Name() + ": " + why
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	if list := os.Getenv("FORESIGHT_NOT_RUN"); list != "" {
		f, err := os.OpenFile(list, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := fmt.Fprintf(f, "%s: %s\n", t.Name(), why); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip(message)
}

// Root is the root directory of the repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
