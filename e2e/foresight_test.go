// Package e2e tests Foresight as a whole against real servers.
package e2e

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/cmd/foresight/app"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

// foresight is a whole Foresight in this process.
type foresight struct {
	*app.App
	t      *testing.T
	config string // its configuration file
	log    *testLog
	end    func()
}

// startForesight runs Foresight with a configuration until the test ends. storage may be "".
func startForesight(t *testing.T, configYAML, storage string) *foresight {
	t.Helper()
	return startForesightAt(t, "127.0.0.1:0", configYAML, storage)
}

// startForesightAt is startForesight on an address.
func startForesightAt(t *testing.T, address, configYAML, storage string) *foresight {
	t.Helper()
	config := filepath.Join(t.TempDir(), "foresight.yml")
	f := &foresight{t: t, config: config}
	f.configure(configYAML)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	log := &testLog{t: t}
	f.log = log
	f.App, err = app.New(app.Options{
		ConfigFile: config, StoragePath: storage, Listener: listener, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	f.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		log.close()
	})
	t.Cleanup(f.end)
	return f
}

func (f *foresight) configure(yaml string) {
	f.t.Helper()
	if err := os.WriteFile(f.config, []byte(yaml), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *foresight) waitReady(timeout time.Duration) {
	f.t.Helper()
	testkit.WaitFor(f.t, timeout, "Foresight to be ready", func() error {
		if len(f.Board().Snapshots()) == 0 {
			return errors.New("nothing is published")
		}
		return f.Ready()
	})
}

// scrape gives what /metrics answers.
func (f *foresight) scrape() exposition {
	f.t.Helper()
	return parse(f.t, testkit.MustGet(f.t, f.URL()+"/metrics"))
}

// testLog writes to the log of a test until the test ends.
type testLog struct {
	mu   sync.Mutex
	t    *testing.T
	done bool
	text strings.Builder
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if !l.done {
		l.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// since gives what was written after the first n bytes, and how many there are.
func (l *testLog) since(n int) (string, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()[n:], l.text.Len()
}

func (l *testLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = true
}

// startTarget serves what lines gives of the present, for a Prometheus to scrape, and gives its address.
func startTarget(t *testing.T, lines func(now time.Time) string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write([]byte(lines(time.Now())))
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}
