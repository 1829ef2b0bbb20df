//go:build linux || darwin

package state

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A hundred times a process is killed while it replaces a state: what is read then is one whole version, none older than
// the last that was reported as written, and what the kill left behind is removed.
func TestKilledWhileWriting(t *testing.T) {
	const own = "FORESIGHT_TEST_STATE_DIR"
	if dir := os.Getenv(own); dir != "" {
		path := filepath.Join(dir, "task.state")
		for version := 1; ; version++ {
			fmt.Println(version - 1) // reported
			records := make([]Record, 200)
			for i := range records {
				records[i] = Record{fmt.Appendf(nil, "%d", version), make([]byte, 2000)}
			}
			write(t, path, records...)
		}
	}
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "task.state")
	leftovers := 0
	for range rounds {
		RemoveLeftovers(dir, ".state")
		writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWhileWriting$")
		writer.Env = append(os.Environ(), own+"="+dir)
		out, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		first := make([]byte, 4)
		_, err = io.ReadFull(out, first) // versions 0 and 1, so that one is written
		require.NoError(t, err)
		time.Sleep(time.Duration(rand.N(10_000)) * time.Microsecond)
		require.NoError(t, writer.Process.Kill())
		rest, err := io.ReadAll(out)
		require.NoError(t, err)
		_ = writer.Wait() // killed

		reported := strings.Fields(string(first) + string(rest))
		_, fields, err := read(path, "sig")
		require.NoError(t, err)
		require.Len(t, fields, 400)
		for i := 0; i < len(fields); i += 2 {
			require.Equal(t, fields[0], fields[i], "versions are mixed")
		}
		var version, least int
		_, err = fmt.Sscan(fields[0], &version)
		require.NoError(t, err)
		_, err = fmt.Sscan(reported[len(reported)-1], &least)
		require.NoError(t, err)
		require.GreaterOrEqual(t, version, least)
		left, err := filepath.Glob(path + ".tmp*")
		require.NoError(t, err)
		leftovers += len(left)
		require.NoError(t, os.Remove(path))
	}
	RemoveLeftovers(dir, ".state")
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
	t.Logf("%d of %d kills came in the middle of a file", leftovers, rounds)
}
