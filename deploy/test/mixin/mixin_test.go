// Package mixin renders the monitoring mixin with go-jsonnet and compares it with the files it is made of.
package mixin

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"sigs.k8s.io/yaml"
)

const root = "../../.."

// render evaluates an expression on the mixin with the given jsonnet of _config.
func render(t *testing.T, config, expression string) any {
	t.Helper()
	vm := jsonnet.MakeVM()
	vm.Importer(&jsonnet.FileImporter{JPaths: []string{root}})
	text, err := vm.EvaluateAnonymousSnippet("test.jsonnet", fmt.Sprintf(
		`local m = (import 'dashboards/mixin.libsonnet') + { _config+:: { %s } }; %s`, config, expression))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func read(t *testing.T, path string) any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDashboards(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "dashboards", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	want := map[string]any{}
	for _, f := range files {
		want[filepath.Base(f)] = read(t, filepath.Join("dashboards", filepath.Base(f)))
	}
	if got := render(t, "", "m.grafanaDashboards"); !reflect.DeepEqual(got, any(want)) {
		t.Error("the mixin does not give the dashboards as they are")
	}
	moved, err := json.Marshal(render(t, "pages: 'https://f.example'", "m.grafanaDashboards"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(moved), `"query":"https://f.example"`); n != len(files) || strings.Contains(string(moved), "localhost:10780") {
		t.Errorf("%d of %d dashboards link to the configured pages", n, len(files))
	}
}

// rules lists the rules of groups that are of a kind, by group.
func rules(t *testing.T, file any, kind string) []any {
	t.Helper()
	var out []any
	for _, g := range file.(map[string]any)["groups"].([]any) {
		for _, r := range g.(map[string]any)["rules"].([]any) {
			if _, ok := r.(map[string]any)[kind]; ok {
				out = append(out, []any{g.(map[string]any)["name"], r})
			}
		}
	}
	return out
}

func TestRules(t *testing.T) {
	const generated = "deploy/compose/rules/foresight.rules.yml"
	file := read(t, generated)
	for kind, field := range map[string]string{"alert": "prometheusAlerts", "record": "prometheusRules"} {
		got := rules(t, render(t, "rules: importstr '"+generated+"'", "m."+field), kind)
		want := rules(t, file, kind)
		if len(want) == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d rules of %d are the same", field, len(got), len(want))
		}
	}
	// Without rules of one's own: those on Foresight itself.
	got := rules(t, render(t, "", "m.prometheusAlerts"), "alert")
	want := rules(t, map[string]any{"groups": file.(map[string]any)["groups"].([]any)[:1]}, "alert")
	g, err1 := json.Marshal(got)
	w, err2 := json.Marshal(want)
	if without := strings.ReplaceAll(string(w), " See http://localhost:10780/", ""); err1 != nil || err2 != nil || string(g) != without {
		t.Error("dashboards/foresight.rules.yml is not the first group that foresight rules writes, without the address of the pages")
	}
}
