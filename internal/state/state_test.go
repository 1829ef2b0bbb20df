package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path string, records ...Record) {
	t.Helper()
	err := Write(path, "sig", []byte("head"), func(w func(Record) error) error {
		for _, r := range records {
			if err := w(r); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
}

func read(path, signature string) (header string, fields []string, err error) {
	err = Read(path, signature, func(b []byte) error { header = string(b); return nil }, func(r Record) error {
		for _, b := range r {
			fields = append(fields, string(b))
		}
		return nil
	})
	return header, fields, err
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "task.state")
	write(t, path, Record{[]byte("one"), nil}, Record{[]byte("two"), []byte("three"), []byte("x")})
	header, fields, err := read(path, "sig")
	require.NoError(t, err)
	require.Equal(t, "head", header)
	require.Equal(t, []string{"one", "", "two", "three", "x"}, fields)
	write(t, path)
	_, fields, err = read(path, "sig")
	require.NoError(t, err)
	require.Nil(t, fields)
}

func TestReadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "task.state")
	_, _, err := read(path, "sig")
	require.ErrorIs(t, err, fs.ErrNotExist)
	write(t, path, Record{[]byte("one")}, Record{[]byte("two")})
	_, fields, err := read(path, "other")
	require.ErrorIs(t, err, ErrForeign)
	require.Nil(t, fields)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	// A file cut at any place, as by a kill in the middle of a copy, and one with any byte changed hands nothing over.
	for i := range whole {
		for name, damaged := range map[string][]byte{"cut": whole[:i], "changed": slices.Concat(whole[:i], []byte{whole[i] ^ 0x40}, whole[i+1:])} {
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			_, fields, err := read(path, "sig")
			require.Error(t, err, "%s at %d", name, i)
			require.Nil(t, fields, "%s at %d", name, i)
		}
	}
}

func TestFailedWriteKeepsTheOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "task.state")
	write(t, path, Record{[]byte("old")})
	want := errors.New("disk full")
	require.ErrorIs(t, Write(path, "sig", nil, func(func(Record) error) error { return want }), want)
	_, fields, err := read(path, "sig")
	require.NoError(t, err)
	require.Len(t, fields, 1)
	left, _ := filepath.Glob(path + ".tmp*")
	require.Empty(t, left)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "f")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		_, _, _ = read(path, "sig")
	})
}

func TestLeftoversAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.state.tmp1", "b.state.tmp1", "c.state", "d.other.tmp1"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600))
	}
	RemoveLeftovers(dir, ".state")
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "c.state"), filepath.Join(dir, "d.other.tmp1")}, left)
	RemoveLeftovers(filepath.Join(dir, "nowhere"), ".state")
}
