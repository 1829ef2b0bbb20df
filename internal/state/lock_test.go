package state

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	unlock, err := Lock(dir, "foresight")
	require.NoError(t, err)
	_, err = Lock(dir, "foresight")
	require.ErrorContains(t, err, "does another Foresight keep its state there?")
	other, err := Lock(dir, "foresight-1-of-2")
	require.NoError(t, err)
	require.NoError(t, other())
	require.NoError(t, unlock())
	unlock, err = Lock(dir, "foresight")
	require.NoError(t, err)
	require.NoError(t, unlock())
}

// What is no regular file is refused and blocks nobody: opening a FIFO would.
func TestOnlyRegularFiles(t *testing.T) {
	dir := t.TempDir()
	fifo, link := filepath.Join(dir, "fifo.state"), filepath.Join(dir, "link.state")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, os.Symlink("/dev/zero", link))
	for _, path := range []string{fifo, link} {
		_, _, err := read(path, "s")
		require.ErrorContains(t, err, "no regular file")
		err = Write(path, "s", nil, func(func(Record) error) error { return nil })
		require.ErrorContains(t, err, "no regular file")
	}
	require.NoError(t, os.Rename(fifo, filepath.Join(dir, "foresight.lock")))
	_, err := Lock(dir, "foresight")
	require.ErrorContains(t, err, "no regular file")
}
