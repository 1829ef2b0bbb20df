package futureapi

import (
	"net/http"
	"slices"
	"strings"
)

const prefix = "/api/v1"

// kind says how a request is bounded, and whether it is answered at all.
type kind int

const (
	unknown kind = iota
	query
	lookup
	read
)

// kindOf is the allow-list: web/api/v1 registers far more than this, administration among it.
func kindOf(method, path string) kind {
	path, ok := strings.CutPrefix(path, prefix+"/")
	if !ok {
		return unknown
	}
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	both := []string{http.MethodGet, http.MethodPost}
	allow := func(k kind, methods []string) kind {
		if slices.Contains(methods, method) {
			return k
		}
		return unknown
	}
	switch path {
	case "query", "query_range":
		return allow(query, both)
	case "series", "labels", "format_query":
		return allow(lookup, both)
	case "metadata", "status/buildinfo":
		return allow(lookup, get)
	case "read":
		return allow(read, post)
	}
	name, isLabel := strings.CutPrefix(path, "label/")
	name, isValues := strings.CutSuffix(name, "/values")
	if isLabel && isValues && name != "" && !strings.Contains(name, "/") {
		return allow(lookup, get)
	}
	return unknown
}
