package source

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// The source's clock is known by its answers to half a second, and goes on between them.
func TestClockOfTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		headers := []string{}
		status := http.StatusOK
		c := fake(t, nil, func(r *http.Request) (*http.Response, error) { return response(r, status, empty, headers...), nil })
		ask := func(h ...string) (time.Duration, bool) {
			headers = h
			_ = c.Ping(t.Context())
			said, ok := c.Clock()
			return time.Until(said), ok
		}
		date := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format(http.TimeFormat) }
		if _, ok := ask(); ok {
			t.Error("a source without a date has told the time")
		}
		if _, ok := ask("Date", "yesterday"); ok {
			t.Error("what is no date was taken for one")
		}
		if by, ok := ask("Date", date(-time.Hour), "Age", "3600"); ok {
			t.Errorf("an old answer of a cache was believed: %s", by)
		}
		near := func(got, want time.Duration) bool { return (got - want).Abs() <= time.Second }
		if by, ok := ask("Date", date(time.Hour)); !ok || !near(by, time.Hour) {
			t.Errorf("got %s, %v; want an hour ahead", by, ok)
		}
		if got := testutil.ToFloat64(c.metrics.ahead); got < 3599 || got > 3601 {
			t.Errorf("the metric is %v, want 3600", got)
		}
		time.Sleep(time.Minute)
		said, _ := c.Clock()
		if by := time.Until(said); !near(by, time.Hour) {
			t.Errorf("a minute later: %s, want an hour ahead", by)
		}
		status = http.StatusBadGateway
		if by, _ := ask("Date", date(-time.Hour)); !near(by, time.Hour) {
			t.Errorf("the date of a proxy's error was believed: %s", by)
		}
	})
}
