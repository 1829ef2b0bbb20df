package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExpandedMeansTheSame: what check --expand prints is the configuration without presets.
func TestExpandedMeansTheSame(t *testing.T) {
	c, err := Load("testdata/valid-presets.yml")
	require.NoError(t, err)
	text, err := c.Expanded()
	require.NoError(t, err)
	require.NotContains(t, string(text), "\n    preset:")
	require.Contains(t, string(text), "  # of a preset: kafka.lag\n  - name: kafka.lag\n")
	again, err := Parse("expanded.yml", text)
	require.NoError(t, err)
	want, err := c.Redacted()
	require.NoError(t, err)
	got, err := again.Redacted()
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// TestPresetUses: one entry of presets in all its forms.
func TestPresetUses(t *testing.T) {
	for uses, want := range map[string]string{
		"[node]":                              "node.filesystem",
		"[node: ]":                            "node.filesystem",
		"[node: {tasks: [filesystem]}]":       "node.filesystem",
		"[node: {as: eu, tasks: [memory]}]":   "eu.memory",
		"[{file: testdata/kafka.yml}]":        "kafka.lag",
		"[{file: testdata/kafka.yml, as: x}]": "x.lag",
	} {
		c, err := Parse("x.yml", []byte("source: {url: 'http://x'}\npresets: "+uses+"\n"))
		require.NoError(t, err, uses)
		require.Equal(t, want, c.Tasks[0].Preset)
		require.Equal(t, want, c.Tasks[0].Name)
		require.Nil(t, c.Presets)
	}
}

// TestMatchGoesIntoEverySelector: by the parser, also below functions, offsets and subqueries, and quoted.
func TestMatchGoesIntoEverySelector(t *testing.T) {
	n := text(`sum(rate(a{x="y"}[5m] offset 1h)) / on (x) max_over_time(b[1h:5m]) or {"service.name"="c", z="d"}`, 1)
	narrow(n, map[string]string{"cluster": `a"b`, "env": "!=test", "pod": "!~x", "zone": "=~z.*"})
	const more = `cluster="a\"b",env!="test",pod!~"x"`
	require.Equal(t, `sum(rate(a{`+more+`,x="y",zone=~"z.*"}[5m] offset 1h)) / on (x) max_over_time(b{`+more+
		`,zone=~"z.*"}[1h:5m]) or {"service.name"="c",`+more+`,z="d",zone=~"z.*"}`, n.Value)
}
