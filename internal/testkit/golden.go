package testkit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Golden compares with the text of a file, or writes it where it is to be updated.
func Golden(t *testing.T, path, got string, update bool) {
	t.Helper()
	if update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, path)
}
