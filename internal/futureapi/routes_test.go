package futureapi

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	apiv1 "github.com/prometheus/prometheus/web/api/v1"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
)

// prometheusRoutes reads from Prometheus's source what its Register registers.
func prometheusRoutes(t *testing.T) []string {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(apiv1.NewAPI).Pointer()).FileLine(reflect.ValueOf(apiv1.NewAPI).Pointer())
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	found := map[string]bool{}
	var paths []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		f, ok := n.(*ast.FuncDecl)
		if ok {
			return f.Name.Name == "Register"
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			path, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			if !found[path] {
				found[path] = true
				paths = append(paths, path)
			}
		}
		return true
	})
	require.Greater(t, len(paths), 30, "routes found in %s", file)
	return paths
}

func TestNothingElseIsMounted(t *testing.T) {
	h := handler(t, testBoard(), nil)
	named := map[string]string{
		"/query": "GET POST", "/query_range": "GET POST", "/series": "GET POST", "/labels": "GET POST", "/format_query": "GET POST",
		"/label/:name/values": "GET", "/metadata": "GET", "/status/buildinfo": "GET", "/read": "POST",
	}
	paths := prometheusRoutes(t)
	for path := range named {
		require.Contains(t, paths, path)
	}
	others := []string{
		"/", "", "/query/", "//query", "/../admin/tsdb/snapshot", "/label//values", "/label/a/b/values", "/label/job", "/label/values",
		"/rules/", "/status", "/read/", "/Query", "/query%2f", "/parse_query/x",
	}
	for _, path := range append(paths, others...) {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "QUERY"} {
			url := "/api/v1" + strings.NewReplacer(":name", "job", "*path", "anything").Replace(path)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, url, http.NoBody))
			want := strings.Contains(named[path], method)
			if got := w.Code != http.StatusNotFound; got != want {
				t.Errorf("%s %s: answered %v (%d), want %v", method, url, got, w.Code, want)
			}
		}
	}
	for _, url := range []string{"/", "/metrics", "/api/v2/query", "/api/foresight/v1/tasks", "/x/api/v1/query"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody))
		require.Equal(t, http.StatusNotFound, w.Code, url)
	}
}

func TestBuildInfoIsThatOfTheLibrary(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	major, rest, _ := strings.Cut(prometheusVersion, ".")
	minor, patch, _ := strings.Cut(rest, ".")
	require.Contains(t, string(mod), "github.com/prometheus/prometheus v0."+major+minor+"."+patch, "3.x.y is v0.3x.y")

	h := handler(t, new(board.Board), func(o *Options) { o.Build = Build{Revision: "abc", Branch: "main", User: "me", Date: "today"} })
	var got map[string]string
	require.NoError(t, json.Unmarshal(ask(t, h, http.MethodGet, "/api/v1/status/buildinfo", 200).Data, &got))
	require.Equal(t, map[string]string{
		"version": prometheusVersion, "revision": "abc", "branch": "main", "buildUser": "me", "buildDate": "today", "goVersion": runtime.Version(),
	}, got)
}

// Requests whose bodies come ever so slowly keep nobody out, and long ones are refused.
func TestSlowAndLongRequests(t *testing.T) {
	server := httptest.NewServer(handler(t, new(board.Board), func(o *Options) { o.MaxConcurrency = 2 }))
	defer server.Close()
	var slow []net.Conn
	defer func() {
		for _, c := range slow {
			c.Close()
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		slow = append(slow, c)
		_, err = io.WriteString(c, "POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nquery=1")
		require.NoError(t, err)
	}
	time.Sleep(50 * time.Millisecond) // until they are there
	client := &http.Client{Timeout: 10 * time.Second}
	answer, err := client.PostForm(server.URL+"/api/v1/query", url.Values{"query": {"1"}})
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	answer, err = client.PostForm(server.URL+"/api/v1/query", url.Values{"query": {strings.Repeat("1+", mostBody)}})
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
}
