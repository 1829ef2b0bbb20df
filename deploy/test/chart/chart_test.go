// Package chart lints and renders the Helm chart through Helm's own packages, validates what comes out against the
// schemas of Kubernetes, and compares it with the manifests that are committed.
package chart

import (
	"bytes"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

const (
	chartDir  = "../../helm/foresight"
	manifests = "../../kubernetes"
	namespace = "monitoring"
)

var update = flag.Bool("update", false, "write the golden manifests anew, and those of deploy/kubernetes")

// render gives the manifests, each with its path in the chart, in the order of the paths.
func render(t *testing.T, values map[string]any) []byte {
	t.Helper()
	c, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	release := chartutil.ReleaseOptions{Name: "foresight", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(c, all)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if text := strings.TrimSpace(files[path]); text != "" && filepath.Ext(path) == ".yaml" {
			b.WriteString("---\n" + strings.TrimPrefix(text, "---\n") + "\n")
		}
	}
	return []byte(b.String())
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func values(t *testing.T, text string) map[string]any {
	t.Helper()
	v := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func full(t *testing.T) map[string]any {
	t.Helper()
	return values(t, string(read(t, "testdata/full.values.yaml")))
}

func TestLint(t *testing.T) {
	for name, v := range map[string]map[string]any{"default": {}, "full": full(t)} {
		for _, m := range lint.All(chartDir, v, namespace, true).Messages {
			if m.Severity >= support.WarningSev {
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}

// operator is what renders the objects of deploy/kubernetes/prometheus-operator.yaml.
const operator = `
serviceMonitor: {enabled: true}
prometheusRule: {enabled: true}
dashboards: {enabled: true}
`

// TestManifests compares what the chart gives with deploy/kubernetes and with the golden manifests; -update writes both.
func TestManifests(t *testing.T) {
	isOperator := func(kind, name string) bool {
		return kind == "ServiceMonitor" || kind == "PrometheusRule" || kind == "ConfigMap" && name != "foresight"
	}
	notDashboards := func(kind, name string) bool { return kind != "ConfigMap" || name == "foresight" }
	const head = "# Rendered from the Helm chart by deploy/test; go test -C deploy/test ./chart -update writes it anew.\n"
	for _, c := range []struct {
		path string
		text []byte
	}{
		{filepath.Join(manifests, "foresight.yaml"), render(t, nil)},
		{filepath.Join(manifests, "prometheus-operator.yaml"), choose(t, render(t, values(t, operator)), isOperator)},
		{"testdata/full.golden.yaml", choose(t, render(t, full(t)), notDashboards)},
	} {
		text := append([]byte(head), c.text...)
		if *update {
			if err := os.WriteFile(c.path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := read(t, c.path); !bytes.Equal(got, text) {
			t.Errorf("%s is not what the chart gives: go test -C deploy/test ./chart -update", c.path)
		}
	}
}

type object struct {
	Kind     string
	Metadata struct{ Name string }
}

// split gives the documents of a stream.
func split(text []byte) []string {
	return slices.DeleteFunc(strings.Split("\n"+string(text), "\n---\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func choose(t *testing.T, text []byte, want func(kind, name string) bool) []byte {
	t.Helper()
	var b strings.Builder
	for _, doc := range split(text) {
		var o object
		if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
			t.Fatal(err)
		}
		if want(o.Kind, o.Metadata.Name) {
			b.WriteString("---\n" + strings.TrimSpace(doc) + "\n")
		}
	}
	return []byte(b.String())
}

// TestSchemas validates everything with kubeconform, unknown fields refused.
func TestSchemas(t *testing.T) {
	v, err := validator.New([]string{"testdata/schemas/{{.ResourceKind}}{{.KindSuffix}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, vals := range map[string]map[string]any{
		"default": nil, "full": full(t), "operator": values(t, operator),
		"least": values(t, `{existingSecret: s, persistence: {enabled: false}, image: {digest: "sha256:`+strings.Repeat("a", 64)+`"}}`),
	} {
		text := render(t, vals)
		seen := map[string]int{}
		for _, r := range v.Validate(name, io.NopCloser(strings.NewReader(string(text)))) {
			sig, _ := r.Resource.Signature()
			switch r.Status {
			case validator.Valid:
				seen[sig.Kind]++
			case validator.Empty:
			default:
				t.Errorf("%s: %s %s: %v", name, sig.Kind, sig.Name, r.Err)
			}
		}
		if seen["StatefulSet"] != 1 || seen["Service"] != 2 || seen["ServiceAccount"] != 1 {
			t.Errorf("%s: %v", name, seen)
		}
		if name == "full" && (seen["NetworkPolicy"] != 1 || seen["PodDisruptionBudget"] != 1 || seen["ServiceMonitor"] != 1 || seen["PrometheusRule"] != 1 || seen["ConfigMap"] != 6) {
			t.Errorf("%s: %v", name, seen)
		}
	}
	if r := v.Validate("wrong", io.NopCloser(strings.NewReader("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}\n"))); len(r) != 1 || r[0].Status != validator.Invalid {
		t.Errorf("a misspelt field is %v", r)
	}
}

// TestAutoscaling validates the examples of deploy/autoscaling that are of Kubernetes's own kinds.
func TestAutoscaling(t *testing.T) {
	v, err := validator.New([]string{"testdata/schemas/{{.ResourceKind}}{{.KindSuffix}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	text := choose(t, read(t, "../../autoscaling/horizontal-pod-autoscaler.yaml"), func(string, string) bool { return true })
	r := v.Validate("autoscaling", io.NopCloser(strings.NewReader(string(text))))
	if len(r) != 1 || r[0].Status != validator.Valid {
		t.Errorf("HorizontalPodAutoscaler: %v", r)
	}
}

// TestGeneratedRules validates the objects that foresight rules --format=prometheusrule writes.
func TestGeneratedRules(t *testing.T) {
	v, err := validator.New([]string{"testdata/schemas/{{.ResourceKind}}{{.KindSuffix}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("../../../rules/testdata/*/prometheusrule/*.prometheusrule.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, path := range paths {
		for _, r := range v.Validate(path, io.NopCloser(bytes.NewReader(read(t, path)))) {
			if r.Status != validator.Valid {
				t.Errorf("%s: %v", path, r.Err)
			}
		}
	}
}

// TestValuesSchema has mistakes in values refused.
func TestValuesSchema(t *testing.T) {
	c, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"shards: 0":                        "shards",
		"replicas: 3":                      "replicas",
		"image: {tags: x}":                 "tags",
		"logLevel: verbose":                "logLevel",
		"config: {tasks: []}":              "tasks",
		"serviceMonitor: {interval: soon}": "interval",
		"externalUrl: foresight.example":   "externalUrl",
	} {
		_, err := chartutil.ToRenderValues(c, values(t, text), chartutil.ReleaseOptions{Name: "f"}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestShards follows the number of a pod into its flag.
func TestShards(t *testing.T) {
	text := string(render(t, full(t)))
	for _, want := range []string{"replicas: 3", "- --shard=$(SHARD)/3", "fieldPath: metadata.labels['apps.kubernetes.io/pod-index']"} {
		if !strings.Contains(text, want) {
			t.Errorf("three shards: no %q", want)
		}
	}
	if strings.Contains(string(render(t, nil)), "shard") {
		t.Error("one shard needs no flag")
	}
}

// TestRules gives the chart a rule file, as --set-file does.
func TestRules(t *testing.T) {
	file := read(t, "../../compose/rules/foresight.rules.yml")
	out := choose(t, render(t, map[string]any{"prometheusRule": map[string]any{"enabled": true, "rules": string(file)}}),
		func(kind, _ string) bool { return kind == "PrometheusRule" })
	var got struct{ Spec any }
	var want any
	if err := yaml.Unmarshal([]byte(strings.TrimPrefix(string(out), "---\n")), &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(file, &want); err != nil {
		t.Fatal(err)
	}
	g, err1 := yaml.Marshal(got.Spec)
	w, err2 := yaml.Marshal(want)
	if err1 != nil || err2 != nil || !bytes.Equal(g, w) {
		t.Errorf("the rules of the PrometheusRule are not those of the file: %v %v", err1, err2)
	}
}
