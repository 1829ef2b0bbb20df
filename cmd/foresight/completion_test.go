package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// complete gives what the application writes to standard output for args, where it would end the process.
func complete(t *testing.T, args ...string) string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	a, _ := application("foresight")
	ended := -1
	a.Terminate(func(code int) { ended = code })
	a.UsageWriter(w)
	_, _ = a.Parse(forCompletion(args))
	require.Equal(t, 0, ended, "%q", args)
	require.NoError(t, w.Close())
	text := make([]byte, 64<<10)
	n, err := r.Read(text)
	require.NoError(t, err)
	return string(text[:n])
}

// TestCompletionScripts: deploy/completion has what the program writes.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh"} {
		want, err := os.ReadFile("../../deploy/completion/foresight." + shell)
		require.NoError(t, err)
		require.Equal(t, string(want), complete(t, "--completion-script-"+shell))
	}
}

func TestCompletion(t *testing.T) {
	for _, typed := range []string{"", "an", "serve"} {
		commands := strings.Fields(complete(t, "--completion-bash", typed))
		for _, name := range []string{"serve", "demo", "check", "backtest", "rules", "anonymize"} {
			require.Contains(t, commands, name, "after %q", typed)
		}
	}
	require.Contains(t, strings.Fields(complete(t, "--completion-bash", "--")), "--storage.path", "serve is the default")
	flags := strings.Fields(complete(t, "--completion-bash", "check", "--"))
	require.Contains(t, flags, "--live")
	require.Contains(t, flags, "--config.file")
	require.NotContains(t, flags, "--horizon")
}
