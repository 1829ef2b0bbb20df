package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	commonconfig "github.com/prometheus/common/config"
)

// TestDocumentation: the examples of docs/configuration.md load without a warning, and every field is there.
func TestDocumentation(t *testing.T) {
	b, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(b), -1)
	if len(examples) < 2 {
		t.Fatalf("got %d examples, want at least 2", len(examples))
	}
	for _, e := range examples {
		c, err := Parse("configuration.md", []byte(e[1]))
		if err != nil {
			t.Error(err)
		} else if len(c.Warnings) > 0 {
			t.Error(c.Warnings)
		}
	}
	prose := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(b), "")
	for field := range documented(reflect.TypeFor[Config]()) {
		if !strings.Contains(prose, "`"+field+"`") {
			t.Errorf("the field %s is not documented", field)
		}
	}
}

// documented gives the names of all fields below a type, except below the settings of Prometheus's HTTP client.
func documented(t reflect.Type) map[string]bool {
	all := map[string]bool{}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	fields, _ := fieldsOf(t)
	for name, f := range fields {
		all[name] = true
		if f.PkgPath() == reflect.TypeFor[commonconfig.Secret]().PkgPath() || f.Kind() == reflect.Pointer && f.Elem().PkgPath() == reflect.TypeFor[commonconfig.Secret]().PkgPath() {
			continue
		}
		for below := range documented(f) {
			all[below] = true
		}
	}
	return all
}

// TestGuides: the configurations that the guides show load without a warning.
func TestGuides(t *testing.T) {
	n := 0
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	presets, err := filepath.Glob("../../docs/presets/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, presets...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(e[1], "source:") && !strings.Contains(e[1], "\nsource:") {
				continue // Prometheus's, or a preset
			}
			n++
			if c, err := Parse(filepath.Base(page), []byte(e[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if len(c.Warnings) > 0 {
				t.Errorf("%s: %v", page, c.Warnings)
			}
		}
	}
	if n < 30 {
		t.Errorf("%d examples, want 30 at least", n)
	}
}

// TestOwnPresetOfThePage: the preset that docs/presets.md shows is one.
func TestOwnPresetOfThePage(t *testing.T) {
	text, err := os.ReadFile("../../docs/presets.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(# team/presets/orders.yml.*?)```").FindStringSubmatch(string(text))
	if example == nil {
		t.Fatal("no preset is shown")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "orders.yml"), []byte(example[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Parse(filepath.Join(dir, "foresight.yml"), []byte("source: {url: 'http://x'}\npresets: [{file: orders.yml, alerts: true}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Tasks[0].Name != "orders.placed" || c.Tasks[0].Alert == nil || len(c.Warnings) > 0 {
		t.Errorf("got %+v, %v", c.Tasks[0], c.Warnings)
	}
}
