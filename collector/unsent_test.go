package collector

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// Clients that don't read their answers keep nobody from being answered, whatever time they say they wait.
func TestSlowReadersKeepNobodyOut(t *testing.T) {
	server := httptest.NewUnstartedServer(New(large(5_000), nil, Options{MaxConcurrent: 2}))
	server.Start()
	defer server.Close()
	for range 4 {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		require.NoError(t, c.(*net.TCPConn).SetReadBuffer(1<<10))
		_, err = fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 3599\r\n\r\n")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		require.NoError(t, err)
		answer, err := server.Client().Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, patience, scrapeTimeout(http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {"3599"}}))
	server.CloseClientConnections()
}

func TestOldestUnsentAnswersAreEnded(t *testing.T) {
	var u unsent
	var ended []int
	enter := func(i, bytes int) func() { return u.enter(bytes, func() { ended = append(ended, i) }) }
	leaveFirst := enter(1, mostUnsent/2)
	leaveSecond := enter(2, mostUnsent/2)
	require.Empty(t, ended)
	leaveThird := enter(3, 1)
	require.Equal(t, []int{1}, ended)
	leaveFirst()
	leaveThird()
	require.Equal(t, mostUnsent/2, u.bytes)
	leaveFourth := enter(4, 2*mostUnsent) // one answer is always sent
	require.Equal(t, []int{1, 2}, ended)
	leaveSecond()
	leaveFourth()
	require.Zero(t, u.bytes)
	require.Empty(t, u.all)
}

// What a hostile source may name its labels never makes a line that Prometheus refuses.
func TestNamelessLabelsHarmNoOthers(t *testing.T) {
	b := one(labels.FromStrings("", "x"), labels.FromStrings("a", "1"))
	for _, accept := range []string{"", openMetrics, openMetrics + ";escaping=allow-utf-8"} {
		w := scrape(t, New(b, nil, Options{}), "Accept", accept)
		values := parse(t, w.Body.Bytes(), w.Header().Get("Content-Type"))
		require.NotEmpty(t, values)
		require.NotContains(t, w.Body.String(), `""=`)
	}
}
