package demo

import (
	_ "embed"
	"strings"
)

// timeZone of the company's customers.
const timeZone = "Europe/Berlin"

//go:embed foresight.yml
var configYAML string

// Config is the Foresight configuration of the demo, as YAML.
func (d *Demo) Config() []byte {
	return []byte(strings.ReplaceAll(configYAML, "http://localhost:9090", d.url))
}
