package futureapi

import (
	"net/http"
	"strings"
)

const prefix = "/api/v1"

// allowed is the list of the routes that exist: web/api/v1 registers far more than these, administration among them.
func allowed(method, path string) bool {
	path, ok := strings.CutPrefix(path, prefix+"/")
	if !ok {
		return false
	}
	get, post := method == http.MethodGet, method == http.MethodPost
	switch path {
	case "query", "query_range", "series", "labels", "format_query":
		return get || post
	case "metadata", "status/buildinfo":
		return get
	case "read":
		return post
	}
	name, isLabel := strings.CutPrefix(path, "label/")
	name, isValues := strings.CutSuffix(name, "/values")
	return get && isLabel && isValues && name != "" && !strings.Contains(name, "/")
}
