// Package compose loads compose.yml as docker compose does. What runs behind it is tested in e2e.
package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"sigs.k8s.io/yaml"
)

const dir = "../../compose"

func project(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yml")}, cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProject(t *testing.T) {
	p := project(t)
	for _, name := range []string{"foresight", "prometheus", "alertmanager", "grafana", "node-exporter"} {
		if _, ok := p.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
	for name, s := range p.Services {
		if _, tag, ok := strings.Cut(s.Image, ":"); !ok || tag == "latest" {
			t.Errorf("%s: the version of the image %q is open", name, s.Image)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is published on %q", name, port.Published, port.HostIP)
			}
		}
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind || v.Source == "/" {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s: %s can be written to", name, v.Source)
			}
		}
	}
	f := p.Services["foresight"]
	if !f.ReadOnly || !slices.Contains(f.CapDrop, "ALL") || f.Build == nil {
		t.Errorf("foresight: read_only %v, cap_drop %v, build %v", f.ReadOnly, f.CapDrop, f.Build)
	}
	if _, err := os.Stat(filepath.Join(f.Build.Context, "Dockerfile")); err != nil {
		t.Error(err)
	}
}

// TestReferences follows every address in the configuration files to a service and its port.
func TestReferences(t *testing.T) {
	known := map[string]string{"foresight": "10780", "prometheus": "9090", "alertmanager": "9093", "host.docker.internal": "9100", "localhost": ""}
	p := project(t)
	for _, file := range []string{"prometheus.yml", "foresight.yml", "grafana/datasources.yml"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := yaml.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		found := 0
		walk(v, func(s string) {
			address := strings.TrimPrefix(s, "http://")
			host, rest, ok := strings.Cut(address, ":")
			if _, service := known[host]; !ok || !service && address == s {
				return
			}
			found++
			port, _, _ := strings.Cut(rest, "/")
			if want, ok := known[host]; !ok || want != "" && port != want {
				t.Errorf("%s: %s is no service", file, s)
			}
		})
		if found == 0 {
			t.Errorf("%s: no address found", file)
		}
	}
	for name, port := range known {
		if s, ok := p.Services[name]; ok && (len(s.Ports) != 1 || s.Ports[0].Published != port) {
			t.Errorf("%s publishes %v, want %s", name, s.Ports, port)
		}
	}
}

func walk(v any, see func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			walk(e, see)
		}
	case []any:
		for _, e := range v {
			walk(e, see)
		}
	case string:
		see(v)
	}
}
