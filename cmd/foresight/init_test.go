package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
)

// startNGINXOnly answers as a Prometheus would that has an nginx exporter's requests and nothing else.
func startNGINXOnly(t *testing.T, password string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		result := ""
		switch q := r.FormValue("query"); {
		case strings.HasPrefix(q, "count by (__name__)") && strings.Contains(q, "nginx_http_requests_total"):
			result = `{"metric":{"__name__":"nginx_http_requests_total"},"value":[` + r.FormValue("time") + `,"2"]}`
		case strings.Contains(q, "nginx_http_requests_total") && r.URL.Path == "/api/v1/query":
			result = `{"metric":{},"value":[` + r.FormValue("time") + `,"2"]}`
		case strings.HasSuffix(r.URL.Path, "/query_range"):
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[`+result+`]}}`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestInitCommand(t *testing.T) {
	u := startNGINXOnly(t, "")
	path := filepath.Join(t.TempDir(), "foresight.yml")
	code, stdout, stderr := invoke(t, "init", "--source.url="+u, "--config.file="+path)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "    requests                      2 series,     32 out\n")
	require.Contains(t, stdout, "  foresight check --config.file="+path+" --live ")
	c, err := config.Load(path)
	require.NoError(t, err)
	require.Len(t, c.Tasks, 1)
	require.Equal(t, "nginx.requests", c.Tasks[0].Name)

	before, err := os.ReadFile(path)
	require.NoError(t, err)
	code, _, stderr = invoke(t, "init", "--source.url="+u, "--config.file="+path)
	require.Equal(t, 1, code)
	require.Equal(t, "foresight init: "+path+" is there already; --force overwrites it, --config.file=OTHER writes another\n", stderr)

	require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
	code, stdout, stderr = invoke(t, "init", "--source.url="+u, "--config.file="+path, "--force", "--json")
	require.Zero(t, code, stderr)
	var found struct {
		Tasks   int
		Presets []struct {
			Name  string
			Found bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &found))
	require.Equal(t, 1, found.Tasks)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

func TestInitRefuses(t *testing.T) {
	dir := t.TempDir()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	defer empty.Close()
	for url, want := range map[string]string{
		"localhost:9090":     "--source.url: want an address that begins with http:// or https://",
		empty.URL:            "no preset fits what the source has",
		"http://127.0.0.1:1": "connection refused",
	} {
		path := filepath.Join(dir, "foresight.yml")
		code, _, stderr := invoke(t, "init", "--source.url="+url, "--config.file="+path)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, want)
		require.NoFileExists(t, path)
	}
}

// TestInitWithPassword: the settings of the HTTP client become part of the file, which only its owner reads.
func TestInitWithPassword(t *testing.T) {
	u := startNGINXOnly(t, "hunter2")
	dir := t.TempDir()
	path, settings := filepath.Join(dir, "foresight.yml"), filepath.Join(dir, "http.yml")
	require.NoError(t, os.WriteFile(settings, []byte("basic_auth:\n  username: me\n  password: hunter2\n"), 0o600))
	code, stdout, stderr := invoke(t, "init", "--source.url="+u, "--config.file="+path, "--http.config.file="+settings)
	require.Zero(t, code, stderr)
	require.NotContains(t, stdout+stderr, "hunter2")
	c, err := config.Load(path)
	require.NoError(t, err)
	require.Equal(t, "hunter2", string(c.Source.HTTP.BasicAuth.Password))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	code, _, stderr = invoke(t, "init", "--source.url="+u, "--config.file="+filepath.Join(t.TempDir(), "foresight.yml"), "--http.config.file="+settings)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "relative paths in it would change their meaning")
}
