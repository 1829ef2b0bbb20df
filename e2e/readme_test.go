package e2e

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

// TestReadme checks that what the README shows is valid: its two commands come first, its configurations load, its
// queries parse and its links lead somewhere.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testkit.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	if got, want := strings.Join(blocks["sh"], ""), "go run ./cmd/foresight demo\nmake test\n"; got != want {
		t.Errorf("the commands are %q, want %q", got, want)
	}
	if len(blocks["yaml"]) != 2 || len(blocks["promql"]) != 1 {
		t.Fatalf("%d configurations and %d blocks of queries, want 2 and 1", len(blocks["yaml"]), len(blocks["promql"]))
	}
	if n := strings.Count(blocks["yaml"][0], "\n"); n > 5 {
		t.Errorf("the configuration has %d lines, want at most 5", n)
	}
	if _, err := config.Parse("README.md", []byte(blocks["yaml"][0])); err != nil {
		t.Error(err)
	}
	if _, err := promconfig.Load(blocks["yaml"][1], slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
	p := parser.NewParser(parser.Options{})
	for query := range strings.Lines(blocks["promql"][0]) {
		if _, err := p.ParseExpr(query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(text, -1) {
		path, _, _ := strings.Cut(m[1], "#")
		if _, err := os.Stat(filepath.Join(testkit.Root(), path)); err != nil {
			t.Error(err)
		}
	}
}
