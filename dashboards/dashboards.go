// Package dashboards holds Foresight's dashboards for Grafana 10.4 and later: the fleet, a task, a series, the quality of
// the forecasts, and Foresight itself. They are generated, committed as JSON, and embedded.
//
// dashboards.go embeds and writes them. The folder generate makes them.
package dashboards

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

//go:generate go run ./generate .

//go:embed *.json
var files embed.FS

// defaultPages is the address of the pages in the embedded files.
const defaultPages = "http://localhost:10780"

// File is one dashboard.
type File struct {
	Name string // such as foresight-fleet.json
	Data []byte
}

// Files gives the dashboards in the order of their names. Their links to Foresight's pages begin with pages, an absolute URL;
// "" is http://localhost:10780.
func Files(pages string) ([]File, error) {
	replacement := []byte(defaultPages)
	if pages != "" {
		u, err := url.Parse(pages)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("the pages' URL %q is not an absolute http or https URL", pages)
		}
		quoted, err := json.Marshal(strings.TrimRight(pages, "/"))
		if err != nil {
			return nil, err
		}
		replacement = quoted[1 : len(quoted)-1]
	}
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	out := make([]File, 0, len(entries))
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, File{e.Name(), bytes.ReplaceAll(data, []byte(defaultPages), replacement)})
	}
	return out, nil
}

// Write writes the dashboards into a directory, which it makes; see [Files].
func Write(dir, pages string) error {
	all, err := Files(pages)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range all {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
