package futureapi

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
)

// FuzzExpression: whatever is asked, there is an answer of the API, soon.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		"foresight_expected", `{__name__=~"foresight_.*",task="disk"}`, "max_over_time(foresight_expected_upper[6h:5m] offset -6h) > 0.9", "((((1))))",
		"sum by (task) (rate(foresight_expected[1h] @ end()))", "1e999", "-", `"\xff"`, "foresight_expected[1w:1ms]", "0/0", "{", "# c",
	} {
		f.Add(s)
	}
	h := handler(f, testBoard(), nil)
	f.Fuzz(func(t *testing.T, expr string) {
		for _, path := range []string{"/api/v1/query?", "/api/v1/query_range?start=1700000000&end=1700003600&step=60&", "/api/v1/series?match[]=x&", "/api/v1/format_query?"} {
			start := time.Now()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"query="+url.QueryEscape(expr), http.NoBody))
			require.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body)
			require.Less(t, time.Since(start), 20*time.Second)
		}
	})
}

// FuzzRead: whatever is sent to the remote read, packed or not, there is an answer and not much memory is taken.
func FuzzRead(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add([]byte("\x0a\x02\x08\x01"), true)
	f.Add([]byte("\x0a\x1c\x08\x01\x10\x80\x80\x80\x80\x80\x01\x1a\x0e\x12\x08__name__\x1a\x02up"), true)
	f.Add(bytes.Repeat([]byte("\x0a\x00"), 200), true)
	f.Add([]byte("\xff\xff\xff\xff\x0f"), false)
	h := handler(f, testBoard(), nil)
	f.Fuzz(func(t *testing.T, body []byte, pack bool) {
		if pack {
			body = snappy.Encode(nil, body)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/api/v1/read", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/x-protobuf")
		r.Header.Set("Content-Encoding", "snappy")
		h.ServeHTTP(w, r)
		require.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body)
	})
}
