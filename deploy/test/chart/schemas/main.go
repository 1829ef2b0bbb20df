// Command schemas extracts, from the OpenAPI of Kubernetes and from custom resource definitions, the JSON schemas of
// the kinds that the chart makes: strict, self-contained, without descriptions.
//
//	go run ./chart/schemas chart/testdata/schemas SWAGGER.json CRD.yaml...
//
// Those kept are from k8s.io/kubernetes v1.37.0 (api/openapi-spec/swagger.json) and prometheus-operator v0.85.0
// (example/prometheus-operator-crd).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// kinds of Kubernetes's own, by the name of the file that kubeconform looks for.
var kinds = map[string]string{
	"horizontalpodautoscaler-autoscaling-v2": "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
	"configmap-v1":                           "io.k8s.api.core.v1.ConfigMap",
	"service-v1":                             "io.k8s.api.core.v1.Service",
	"serviceaccount-v1":                      "io.k8s.api.core.v1.ServiceAccount",
	"statefulset-apps-v1":                    "io.k8s.api.apps.v1.StatefulSet",
	"networkpolicy-networking-v1":            "io.k8s.api.networking.v1.NetworkPolicy",
	"poddisruptionbudget-policy-v1":          "io.k8s.api.policy.v1.PodDisruptionBudget",
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

func run(to, swagger string, crds []string) error {
	text, err := os.ReadFile(swagger)
	if err != nil {
		return err
	}
	var api struct{ Definitions map[string]any }
	if err := json.Unmarshal(text, &api); err != nil {
		return err
	}
	for name, definition := range kinds {
		needed := map[string]any{}
		if err := closure(api.Definitions, definition, needed); err != nil {
			return err
		}
		if err := write(to, name, map[string]any{"$ref": "#/definitions/" + definition, "definitions": needed}); err != nil {
			return err
		}
	}
	for _, path := range crds {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct {
						OpenAPIV3Schema any
					}
				}
			}
		}
		if err := yaml.Unmarshal(text, &crd); err != nil {
			return err
		}
		group, _, _ := strings.Cut(crd.Spec.Group, ".")
		for _, v := range crd.Spec.Versions {
			name := strings.ToLower(crd.Spec.Names.Kind) + "-" + group + "-" + v.Name
			if err := write(to, name, strict(v.Schema.OpenAPIV3Schema)); err != nil {
				return err
			}
		}
	}
	return nil
}

// closure collects a definition and all that it refers to.
func closure(all map[string]any, name string, into map[string]any) error {
	if _, ok := into[name]; ok {
		return nil
	}
	d, ok := all[name]
	if !ok {
		return fmt.Errorf("no definition %s", name)
	}
	into[name] = strict(d)
	return walk(d, func(ref string) error {
		return closure(all, strings.TrimPrefix(ref, "#/definitions/"), into)
	})
}

func walk(v any, see func(ref string) error) error {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			return see(ref)
		}
		for _, e := range v {
			if err := walk(e, see); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := walk(e, see); err != nil {
				return err
			}
		}
	}
	return nil
}

// strict gives a schema that refuses unknown fields and says nothing to people.
func strict(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			_, text := e.(string)
			if text && name == "description" || strings.HasPrefix(name, "x-kubernetes-") || name == "format" && text || name == "default" {
				continue
			}
			out[name] = strict(e)
		}
		_, properties := v["properties"].(map[string]any)
		_, open := v["additionalProperties"]
		if preserve, _ := v["x-kubernetes-preserve-unknown-fields"].(bool); properties && !open && !preserve {
			if _, field := v["properties"].(map[string]any)["type"]; !field || v["type"] == "object" {
				out["additionalProperties"] = false
			}
		}
		if number, _ := v["x-kubernetes-int-or-string"].(bool); number || v["format"] == "int-or-string" {
			delete(out, "anyOf")
			out["type"] = []string{"integer", "string"}
		}
		// Quantities may be written as numbers, too.
		if d, _ := v["description"].(string); v["type"] == "string" && strings.HasPrefix(d, "Quantity is a fixed-point") {
			out["type"] = []string{"string", "number"}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = strict(e)
		}
		return out
	default:
		return v
	}
}

func write(to, name string, schema any) error {
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, name+".json"), append(text, '\n'), 0o644)
}
