// Command generate writes Foresight's Grafana dashboards as JSON into a directory.
//
// model.go has what of Grafana's format is used, panel.go and build.go put panels together, and each dashboard has a
// file: fleet.go, task.go, series.go, quality.go, self.go.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// all are the dashboards.
func all() []dashboard { return []dashboard{fleet(), task(), series(), quality(), self()} }

func write(dir string) error {
	for _, d := range all() {
		text, err := encode(d)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, d.UID+".json"), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func encode(d dashboard) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	return b.Bytes(), nil
}
