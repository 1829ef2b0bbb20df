package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func status(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// Against DNS rebinding only the named hosts are answered for, beside addresses and that of the external URL.
func TestAllowedHosts(t *testing.T) {
	o := fake(t)
	h := New(o)
	asked := func(host, target string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
		r.Host = host
		return r
	}
	require.Equal(t, http.StatusOK, status(h, asked("anything.example", "/")), "without a list all are")
	o.AllowedHosts = []string{"foresight.example", "Foresight:10780"}
	o.ExternalURL = &url.URL{Scheme: "https", Host: "public.example:8443", Path: "/fore"}
	h = New(o)
	for host, want := range map[string]int{
		"foresight.example": 200, "FORESIGHT.example.": 200, "foresight.example:10780": 200, "foresight": 200,
		"public.example": 200, "localhost:10780": 200, "127.0.0.1": 200, "10.0.0.7:10780": 200, "[::1]:10780": 200, "[fe80::1]": 200,
		"evil.example": 421, "foresight.example.evil.example": 421, "evil.example:10780": 421, "": 421, "127.0.0.1.evil.example": 421, "localhost.evil": 421,
	} {
		for _, path := range []string{"/", "/metrics", "/-/healthy", "/api/v1/query", "/debug/pprof/", "/fore/tasks", "/nowhere"} {
			got := status(h, asked(host, path))
			require.Equal(t, want == 421, got == 421, "%s%s: %d", host, path, got)
		}
	}
}

// No page of another site starts work here: its browser says where it comes from. Links are followed to pages.
func TestOtherSitesReachOnlyPages(t *testing.T) {
	o := fake(t)
	for _, prefix := range []string{"", "/fore"} {
		o.ExternalURL = &url.URL{Scheme: "http", Host: "f", Path: prefix}
		h := New(o)
		for _, path := range []string{
			"/", "/tasks?task=disk", "/series", "/config", "/metrics", "/-/healthy", "/-/ready", "/-/reload", "/api/foresight/v1/tasks",
			"/debug/pprof/", "/debug/pprof/profile", "/debug/pprof/trace", "/static/style.css",
		} {
			for _, site := range []string{"cross-site", "same-site"} {
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
					r := httptest.NewRequest(method, prefix+path, http.NoBody)
					r.Header.Set("Sec-Fetch-Site", site)
					r.Header.Set("Sec-Fetch-Mode", "no-cors")
					require.Equal(t, http.StatusForbidden, status(h, r), "%s %s %s", site, method, path)
				}
			}
		}
		link := func(path string) int {
			r := httptest.NewRequest(http.MethodGet, prefix+path, http.NoBody)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Sec-Fetch-Dest", "document")
			return status(h, r)
		}
		require.Equal(t, http.StatusOK, link("/"))
		require.Equal(t, http.StatusForbidden, link("/debug/pprof/profile"))
		require.Equal(t, http.StatusForbidden, link("/api/foresight/v1/tasks"))
		r := httptest.NewRequest(http.MethodGet, prefix+"/", http.NoBody)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		require.Equal(t, http.StatusOK, status(h, r))
	}
}
