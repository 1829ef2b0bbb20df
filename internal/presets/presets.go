// Package presets holds ready tasks for what people already scrape: data, one YAML file a preset. [config.ReadPreset]
// reads their format, which docs/presets.md explains.
package presets

import (
	"embed"
	"path"
	"strings"
)

//go:embed *.yml
var files embed.FS

// Names returns the names of the presets, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // an embedded folder can be read
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yml")
	}
	return names
}

// Read returns the text of a preset and reports whether there is one of that name.
func Read(name string) ([]byte, bool) {
	b, err := files.ReadFile(path.Base(name) + ".yml")
	return b, err == nil && path.Base(name) == name
}
