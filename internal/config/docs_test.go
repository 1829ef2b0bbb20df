package config

import (
	"os"
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
