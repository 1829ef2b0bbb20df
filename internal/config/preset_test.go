package config

import (
	"os"
	"path/filepath"
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

// TestPresetsThroughMergesAndAliases: match and alerts reach what a file says by aliases and merges, each once.
func TestPresetsThroughMergesAndAliases(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("own.yml", `
tasks:
  - &a
    name: a
    expr: &e up
    exhaustion: {limit_expr: *e, alerts: [{within: 1d, probability: 0.5}]}
    alert: {severity: info}
  - {<<: *a, name: b}
  - {name: c, expr: *e}
`)
	main := write("foresight.yml", `
source: {url: http://x}
<<:
  presets: [{file: own.yml, match: {cluster: eu}}]
  tasks: [{name: d, expr: up}]
`)
	c, err := Load(main)
	require.NoError(t, err)
	var names []string
	for _, task := range c.Tasks {
		names = append(names, task.Name)
		require.Nil(t, task.Alert)
		if task.Name == "d" {
			continue
		}
		require.Equal(t, `up{cluster="eu"}`, task.Expr)
		if task.Name != "own.c" {
			require.Equal(t, `up{cluster="eu"}`, task.Exhaustion.LimitExpr)
			require.Empty(t, task.Exhaustion.Alerts)
		}
	}
	require.Equal(t, []string{"d", "own.a", "own.b", "own.c"}, names)
}
