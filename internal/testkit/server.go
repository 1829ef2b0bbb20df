package testkit

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// FreeAddress gives an address on 127.0.0.1 on which nothing listens now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Server is a program under test that listens on 127.0.0.1 and keeps its data and its port over a restart.
type Server struct {
	Address string
	URL     string
	Dir     string // temporary

	t     testing.TB
	bin   string
	args  []string
	ready string
	cmd   *exec.Cmd
	log   *logBuffer
}

// StartPrometheus starts a Prometheus (see [FindTool], [FindPrometheus2]) with the configuration on a free port and a
// temporary directory, after prepare (may be nil) has filled its data directory, and waits until it is ready. It is
// killed when the test ends; its log is shown when the test failed.
func StartPrometheus(t testing.TB, bin, configYAML string, prepare func(dataDir string), flags ...string) *Server {
	t.Helper()
	dir := t.TempDir()
	config, data := filepath.Join(dir, "prometheus.yml"), filepath.Join(dir, "data")
	write(t, config, configYAML)
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(data)
	}
	address := FreeAddress(t)
	args := append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + data, "--web.listen-address=" + address,
		"--storage.tsdb.retention.time=3y", "--web.enable-lifecycle",
	}, flags...)
	return startServer(t, bin, dir, address, "/-/ready", args)
}

// StartAlertmanager starts an Alertmanager (see [FindTool]) with the configuration; see [StartPrometheus].
func StartAlertmanager(t testing.TB, bin, configYAML string, flags ...string) *Server {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, configYAML)
	address := FreeAddress(t)
	args := append([]string{
		"--config.file=" + config, "--storage.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + address,
		"--cluster.listen-address=",
	}, flags...)
	return startServer(t, bin, dir, address, "/-/ready", args)
}

func startServer(t testing.TB, bin, dir, address, ready string, args []string) *Server {
	t.Helper()
	s := &Server{
		Address: address, URL: "http://" + address, Dir: dir,
		t: t, bin: bin, args: args, ready: ready, log: &logBuffer{},
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", filepath.Base(bin), s.Log())
		}
	})
	s.Start()
	return s
}

// Start starts the server again after [Server.Kill] or [Server.Stop] and waits until it is ready.
func (s *Server) Start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, s.args...) //nolint:noctx // ended by the test's cleanup, after its context
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.Dir, s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	WaitStatus(s.t, time.Minute, s.URL+s.ready, http.StatusOK)
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in good order.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

func (s *Server) end(signal syscall.Signal) {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(signal) // already gone is as good
	_ = s.cmd.Wait()                 // an error says that it was ended
	s.cmd = nil
}

// Pause stops the server where it stands, so that it accepts connections and never answers, until [Server.Continue].
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Continue lets a paused server go on.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// Log is what the server wrote so far, its last 64 KiB.
func (s *Server) Log() string { return s.log.String() }

// Run runs a program to its end and gives what it wrote; failing is fatal.
func Run(t testing.TB, stdin, bin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(bin), strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// logBuffer keeps the end of what is written to it.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.buf.Write(p)
	if over := b.buf.Len() - 64<<10; over > 0 {
		b.buf.Next(over)
	}
	return n, err
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
