package config

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// What is put into a document from another file is told with that file and its lines.
func TestProblemsOfAnotherFile(t *testing.T) {
	node := func(text string) *yaml.Node {
		var doc yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &doc))
		return doc.Content[0]
	}
	root := node("source: {url: http://a}\ntasks:\n- {name: own, colour: 1}\n")
	task := node("name: other\n\nexpr: x\nlevel: high\n")
	root.Content[3].Content = append(root.Content[3].Content, task)
	p := newProblems("foresight.yml")
	p.files[task] = "preset.yml"
	p.strict(root, reflect.TypeFor[Config](), "")
	p.add("tasks[1].expr", "wrong")
	p.add("tasks[0].name", "wrong too")
	require.EqualError(t, p.err(), `foresight.yml:3: task "own": colour: unknown field
foresight.yml:3: task "own": name: wrong too
preset.yml:3: task "other": expr: wrong
preset.yml:4: task "other": level: want a number, have "high"`)
}
