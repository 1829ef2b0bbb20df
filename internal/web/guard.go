package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// onlyHosts refuses requests for other hosts than those allowed, against pages whose name was made to lead here (DNS
// rebinding): their browser takes them for ours. An address is no name, so it is always allowed, and so is localhost.
// Without any host, all are.
func onlyHosts(allowed []string, next http.Handler) http.Handler {
	if len(allowed) == 0 {
		return next
	}
	names := map[string]bool{"localhost": true}
	for _, host := range allowed {
		names[hostName(host)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := hostName(r.Host)
		if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err != nil && !names[name] {
			http.Error(w, fmt.Sprintf("Foresight does not answer as %q: --web.allowed-host names the hosts", r.Host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName is a host without its port, as names compare.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// onlyOurs refuses what a page of another site has a browser ask, so that no stranger's page starts work or looks whether
// Foresight is here. A link of another site, as in an alert's message, may lead to a page, but to nothing that works on
// more than that. The query API looks by itself.
func onlyOurs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch site := r.Header.Get("Sec-Fetch-Site"); {
		case site != "cross-site" && site != "same-site", strings.HasPrefix(r.URL.Path, "/api/v1/"), isLink(r):
			next.ServeHTTP(w, r)
		default:
			http.Error(w, "requests from pages of other sites are not answered", http.StatusForbidden)
		}
	})
}

// isLink reports whether somebody follows a link to a page.
func isLink(r *http.Request) bool {
	for _, work := range []string{"/debug/", "/api/", "/-/"} {
		if strings.HasPrefix(r.URL.Path, work) {
			return false
		}
	}
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
