package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// A hang-up reloads the configuration, a termination ends the command in good order.
func TestServeHeedsSignals(t *testing.T) {
	caught := make(chan os.Signal, 8) // while this is notified, a signal can't end the test's own process
	signal.Notify(caught, syscall.SIGHUP, syscall.SIGTERM)
	defer signal.Stop(caught)
	config := writeConfig(t, rulesConfig)
	address := testkit.FreeAddress(t)
	code := make(chan int, 1)
	go func() {
		code <- run([]string{"serve", "--config.file=" + config, "--web.listen-address=" + address, "--storage.path=", "--log.level=error"})
	}()
	url := "http://" + address
	testkit.WaitStatus(t, time.Minute, url+"/-/healthy", http.StatusOK)
	hangUpUntil := func(line string) {
		t.Helper()
		testkit.WaitFor(t, time.Minute, line, func() error {
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				return err
			}
			if body := testkit.MustGet(t, url+"/metrics"); !strings.Contains(body, line+"\n") {
				return fmt.Errorf("not among %d bytes", len(body))
			}
			return nil
		})
	}
	require.NoError(t, os.WriteFile(config, []byte("tasks: 7"), 0o600))
	hangUpUntil("foresight_config_last_reload_successful 0")
	require.NoError(t, os.WriteFile(config, []byte(strings.ReplaceAll(rulesConfig, "name: load", "name: renamed")), 0o600))
	hangUpUntil("foresight_config_last_reload_successful 1")
	require.Contains(t, testkit.MustGet(t, url+"/config"), "renamed")

	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
	select {
	case got := <-code:
		require.Equal(t, 0, got)
	case <-time.After(time.Minute):
		t.Fatal("it still runs")
	}
}
