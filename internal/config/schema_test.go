package config

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSchemaIsCurrent: deploy/test/schema checks what it allows and refuses.
func TestSchemaIsCurrent(t *testing.T) {
	reference, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	want, err := Schema(reference)
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/foresight.schema.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "write it anew: make schema")
}

func TestSchema(t *testing.T) {
	text, err := Schema([]byte("## `tasks`\n\n| field | default | meaning |\n|---|---|---|\n| `minimum`, `maximum` | none | The [bounds](#x) of `v`. |\n"))
	require.NoError(t, err)
	var s struct {
		Properties struct {
			Tasks struct {
				Items struct {
					AnyOf      []any
					Properties map[string]map[string]any
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &s))
	task := s.Properties.Tasks.Items
	require.Equal(t, []any{map[string]any{"required": []any{"name", "expr"}}, map[string]any{"required": []any{"preset"}}}, task.AnyOf)
	require.Equal(t, map[string]any{"type": "number", "description": "The bounds of v."}, task.Properties["maximum"])
	require.NotContains(t, task.Properties, "Location", "what YAML does not set has no place")
}

func TestShippedConfigurationsNameTheSchema(t *testing.T) {
	for _, path := range []string{"../../deploy/systemd/foresight.yml", "../../deploy/compose/foresight.yml", "../demo/foresight.yml"} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(text), "\n")
		require.Equal(t, SchemaComment, first, path)
	}
}
