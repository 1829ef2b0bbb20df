// Package schema checks docs/foresight.schema.json as editors use it: whatever the loader takes is allowed, and what it
// refuses is refused, but for what only the loader can know.
package schema

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const root = "../../.."

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "docs", "foresight.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate reads YAML, aliases and merges resolved.
func validate(s *jsonschema.Schema, text []byte) error {
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return err
	}
	return s.Validate(withoutNull(document))
}

// withoutNull leaves out fields without a value, as the loader does.
func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			if field == nil {
				delete(v, name)
				continue
			}
			v[name] = withoutNull(field)
		}
	case []any:
		for i, item := range v {
			v[i] = withoutNull(item)
		}
	}
	return v
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return found
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExamplesAreAllowed(t *testing.T) {
	s := compiled(t)
	for _, pattern := range []string{
		"internal/config/testdata/valid-*.yml", "internal/demo/foresight.yml", "deploy/compose/foresight.yml", "deploy/systemd/foresight.yml",
	} {
		for _, path := range files(t, pattern) {
			if err := validate(s, read(t, path)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	pages := 0
	for _, page := range append(files(t, "docs/*.md"), filepath.Join(root, "README.md")) {
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(read(t, page)), -1) {
			if !strings.HasPrefix(block[1], "source:") && !strings.Contains(block[1], "\nsource:") {
				continue // Prometheus's or Kubernetes's
			}
			pages++
			if err := validate(s, []byte(block[1])); err != nil {
				t.Errorf("an example of %s: %v", page, err)
			}
		}
	}
	if pages < 3 {
		t.Errorf("%d examples on the pages, want 3 at least", pages)
	}
}

// loaderOnly are the invalid configurations whose fault a schema can't tell.
var loaderOnly = map[string]string{
	"invalid-calendars.yml":    "which countries, files and calendars there are",
	"invalid-documents.yml":    "an editor checks each document on its own",
	"invalid-header.yml":       "which headers may not be set",
	"invalid-preset-names.yml": "which tasks presets have",
	"invalid-tls.yml":          "settings of TLS that exclude each other",
	"invalid-url.yml":          "what an address is made of",
}

func TestInvalidConfigurationsAreRefused(t *testing.T) {
	s := compiled(t)
	for _, path := range files(t, "internal/config/testdata/invalid-*.yml") {
		why, allowed := loaderOnly[filepath.Base(path)]
		switch err := validate(s, read(t, path)); {
		case err == nil && !allowed:
			t.Errorf("%s is allowed", path)
		case err != nil && allowed:
			t.Errorf("%s is refused (%v) in spite of: %s", path, err, why)
		}
	}
}
