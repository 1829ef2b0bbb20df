// Command generate writes the pages of Foresight's presets: generate DOCS writes DOCS/presets.md between its marks, and
// DOCS/presets/NAME.md for each preset.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/foresight-exporter/foresight/internal/presets/pages"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate DOCS")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(docs string) error {
	overview := filepath.Join(docs, "presets.md")
	text, err := os.ReadFile(overview)
	if err != nil {
		return err
	}
	files, err := pages.Write(string(text))
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
