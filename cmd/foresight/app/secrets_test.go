package app

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// paths are those of everything that is served.
var paths = []string{
	"/", "/tasks?task=load", "/series?task=load&job=app&instance=a", "/config", "/metrics", "/static/style.css", "/static/plot.css",
	"/-/healthy", "/-/ready", "/-/reload", "/nowhere", "/api/foresight/v1/tasks", "/api/foresight/v1/series?task=load",
	"/api/v1/query?query=foresight_expected", "/api/v1/query_range?query=x&start=1&end=2&step=1", "/api/v1/series", "/api/v1/labels",
	"/api/v1/label/job/values", "/api/v1/metadata", "/api/v1/status/buildinfo", "/api/v1/format_query?query=x", "/api/v1/read",
	"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/symbol", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=2",
	"/debug/pprof/allocs", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1",
}

// Nothing at all is answered without a password where one is asked for.
func TestAuthenticationCoversEveryPath(t *testing.T) {
	dir := t.TempDir()
	_, users, _ := strings.Cut(webConfig, "}\n") // without TLS
	write(t, filepath.Join(dir, "web.yml"), users)
	r := start(t, newFakePrometheus(t).config(""), func(o *Options) { o.WebConfig = filepath.Join(dir, "web.yml") })
	for _, path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
			req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, http.NoBody)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			require.NoError(t, err)
			require.Equal(t, http.StatusUnauthorized, resp.StatusCode, "%s %s", method, path)
			require.Equal(t, "Unauthorized\n", string(body), "%s %s", method, path)
		}
	}
}

// Secrets of the source are planted everywhere where they may be, and looked for in all that comes out: pages, metrics,
// errors, profiles and the log, also while the source repeats them, fails, redirects and is not there.
func TestSecretsStayInside(t *testing.T) {
	const secret = "hunter2"
	var heard sync.Map
	answer := newFakePrometheus(t)
	mode := ""
	var mu sync.Mutex
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard.Store(r.Header.Get("Authorization")+" "+r.Header.Get("X-Token")+" "+r.URL.RawQuery, true)
		mu.Lock()
		defer mu.Unlock()
		switch mode {
		case "redirect":
			http.Redirect(w, r, "http://user:"+secret+"@127.0.0.1:1/?token="+secret, http.StatusTemporaryRedirect)
		case "fail":
			http.Error(w, "sorry", http.StatusBadGateway)
		default:
			answer.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(source.Close)
	u, err := url.Parse(source.URL)
	require.NoError(t, err)
	u.User, u.RawQuery = url.UserPassword("reader", secret+"-url"), "token="+secret+"-query"
	config := strings.Replace(answer.config(""), "{url: '"+answer.URL+"'}",
		"{url: '"+u.String()+"', timeout: 2s, http_headers: {X-Token: {secrets: ["+secret+"-header]}}}", 1)
	config = strings.Replace(config, "history: 3d", "history: 3d, step: 15s, evaluation_interval: 1s", 1)
	var log lockedBuffer
	r := start(t, config, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	r.waitReady(t)
	look := func(when string) {
		t.Helper()
		all := []string{"log", log.String(), "error", fmt.Sprint(r.Ready())}
		for _, path := range paths {
			status, body, err := testkit.Get(t, r.url+path)
			require.NoError(t, err)
			if z, err := gzip.NewReader(strings.NewReader(body)); err == nil { // profiles
				plain, err := io.ReadAll(z)
				require.NoError(t, err)
				body = string(plain)
			}
			all = append(all, fmt.Sprintf("%s (%d)", path, status), body)
		}
		_, body := r.reload(t)
		all = append(all, "reload", body)
		for i := 0; i < len(all); i += 2 {
			for _, s := range []string{secret, base64.StdEncoding.EncodeToString([]byte("reader:" + secret + "-url"))} {
				if at := strings.Index(all[i+1], s); at >= 0 {
					t.Errorf("%s: a secret is in %s: ...%s", when, all[i], all[i+1][max(0, at-80):min(len(all[i+1]), at+20)])
				}
			}
		}
	}
	look("when all is well")
	set := func(m string) {
		mu.Lock()
		mode = m
		mu.Unlock()
	}
	failed := func() error {
		if s := r.Board().Task("load"); s.Error == "" {
			return errors.New("no evaluation has failed yet")
		}
		return nil
	}
	for _, m := range []string{"redirect", "fail"} {
		set(m)
		testkit.WaitFor(t, time.Minute, "a failure by "+m, failed)
		look(m)
	}
	source.CloseClientConnections()
	source.Listener.Close()
	look("without a source")
	write(t, r.file, strings.Replace(config, "timeout: 2s", "timeout: nonsense", 1))
	status, body := r.reload(t)
	require.Equal(t, http.StatusInternalServerError, status)
	require.NotContains(t, body, secret)
	require.NotContains(t, log.String(), secret)

	sent := false
	heard.Range(func(k, _ any) bool {
		text := k.(string)
		sent = sent || strings.Contains(text, secret+"-header") && strings.Contains(text, secret+"-query") && strings.Contains(text, "Basic ")
		return true
	})
	require.True(t, sent, "the source got its secrets")
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
