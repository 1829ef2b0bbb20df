package futureapi

import (
	"bytes"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
)

// What can't be cancelled isn't begun: expressions are bounded before they are worked on.
func TestExpressionsAreBounded(t *testing.T) {
	h := handler(t, testBoard(), nil)
	nested := func(n int) string { return strings.Repeat("(", n) + "1" + strings.Repeat(")", n) }
	for name, tc := range map[string]struct {
		path, field, expr string
		want              int
	}{
		"a usual one":               {"format_query", "query", "sum(a)/b", 200},
		"as deep as is formatted":   {"format_query", "query", nested(mostPretty - 1), 200},
		"parentheses":               {"format_query", "query", nested(2000), 400},
		"a long sum":                {"format_query", "query", strings.Repeat("1+", 1000) + "1", 400},
		"signs":                     {"format_query", "query", strings.Repeat("- ", 1000) + "x", 400},
		"too long":                  {"format_query", "query", strings.Repeat(" ", mostExpr) + "1", 400},
		"a sum that is evaluated":   {"query", "query", strings.Repeat("1+", 500) + "1", 200},
		"too deep to be evaluated":  {"query", "query", strings.Repeat("1+", 2000) + "1", 400},
		"a selector that is longer": {"series", "match[]", `{a="` + strings.Repeat("x", mostExpr) + `"}`, 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/"+tc.path+"?"+url.Values{tc.field: {tc.expr}}.Encode(), nil))
			require.Equal(t, tc.want, w.Code, w.Body.String()[:min(300, w.Body.Len())])
		})
	}
}

func TestOtherSitesStartNoWork(t *testing.T) {
	h := handler(t, testBoard(), nil)
	for site, want := range map[string]int{"": 200, "none": 200, "same-origin": 200, "same-site": 403, "cross-site": 403} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/query?query=1", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, site)
	}
}

// A small request that unpacks to a large one, or holds a great many queries, is refused.
func TestRemoteReadRequestsAreBounded(t *testing.T) {
	h := handler(t, testBoard(), nil)
	for name, tc := range map[string]struct {
		message []byte
		want    string
	}{
		"queries": {bytes.Repeat([]byte{0x0a, 0}, mostQueries+1), "a request of 101 queries"},
		"bytes":   {make([]byte, mostBody+1), "more than 2097152 are not read"},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/read", bytes.NewReader(snappy.Encode(nil, tc.message))))
		require.Equal(t, 400, w.Code, name)
		require.Contains(t, w.Body.String(), tc.want, name)
	}
}
