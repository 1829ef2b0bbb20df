package app

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two processes on one storage path would overwrite what the other has learnt.
func TestOneProcessPerStoragePath(t *testing.T) {
	dir := t.TempDir()
	build := func(config string) (*App, error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { l.Close() })
		return New(Options{Config: []byte(config), StoragePath: dir, Listener: l})
	}
	const good = "source: {url: http://127.0.0.1:1}\ntasks: [{name: t, expr: up}]\n"
	_, err := build("nonsense")
	require.Error(t, err)
	first, err := build(good)
	require.NoError(t, err, "one that could not start holds no lock")
	_, err = build(good)
	require.ErrorContains(t, err, "does another Foresight keep its state there?")
	first.unlock()
	again, err := build(good)
	require.NoError(t, err)
	again.unlock()
}
