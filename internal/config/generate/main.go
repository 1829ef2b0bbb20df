// Command generate writes the JSON Schema of Foresight's configuration: generate REFERENCE SCHEMA, where the reference is
// docs/configuration.md.
package main

import (
	"fmt"
	"os"

	"github.com/foresight-exporter/foresight/internal/config"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate REFERENCE SCHEMA")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(reference, to string) error {
	text, err := os.ReadFile(reference)
	if err != nil {
		return err
	}
	schema, err := config.Schema(text)
	if err != nil {
		return err
	}
	return os.WriteFile(to, schema, 0o644)
}
