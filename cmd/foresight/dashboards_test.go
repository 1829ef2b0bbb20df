package main

import (
	"path/filepath"
	"testing"
)

func TestDashboards(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dashboards")
	if code := run([]string{"dashboards", "--output=" + dir, "--page-url=https://foresight.example"}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	written, err := filepath.Glob(filepath.Join(dir, "foresight-*.json"))
	if err != nil || len(written) != 5 {
		t.Errorf("%d dashboards are written (%v), want 5", len(written), err)
	}
	if code := run([]string{"dashboards", "--output=" + dir, "--page-url=foresight.example"}); code != 1 {
		t.Errorf("a URL without a scheme: exit code %d, want 1", code)
	}
	if code := run([]string{"dashboards"}); code != 2 {
		t.Errorf("no directory: exit code %d, want 2", code)
	}
}
