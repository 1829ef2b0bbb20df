package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

const docs = "../../../docs"

// TestPagesAreCurrent: what docs say of the presets is what the presets are.
func TestPagesAreCurrent(t *testing.T) {
	overview, err := os.ReadFile(filepath.Join(docs, "presets.md"))
	require.NoError(t, err)
	files, err := Write(string(overview))
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(docs, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got), "%s: write it anew: make presets", name)
	}
	entries, err := os.ReadDir(filepath.Join(docs, "presets"))
	require.NoError(t, err)
	require.Len(t, entries, len(files)-1, "a page without a preset")
}

// TestExpressionsOnPagesParse: breaking lines keeps them whole.
func TestExpressionsOnPagesParse(t *testing.T) {
	files, err := Write(begin + end)
	require.NoError(t, err)
	n := 0
	for name, page := range files {
		for _, block := range strings.Split(page, "```promql\n")[1:] {
			expr, _, _ := strings.Cut(block, "```")
			_, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
			require.NoError(t, err, "%s: %s", name, expr)
			n++
		}
	}
	require.Greater(t, n, 100)
}

func TestOverviewWithoutMarks(t *testing.T) {
	_, err := Write("# Presets\n")
	require.EqualError(t, err, "presets.md has no place for the table")
}
