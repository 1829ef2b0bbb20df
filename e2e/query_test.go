package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

// oneSeries says why an expression does not give exactly one series now.
func oneSeries(t *testing.T, base, expr string) error {
	t.Helper()
	return series(t, base, expr, 1)
}

// series says why an expression does not give that many series now.
func series(t *testing.T, base, expr string, want int) error {
	t.Helper()
	got, err := testkit.Query(t, base, expr, time.Time{})
	if err == nil && len(got) != want {
		err = fmt.Errorf("%s gives %d series, want %d", expr, len(got), want)
	}
	return err
}

// scalar gives the value of an expression that gives one series now; anything else is fatal.
func scalar(t *testing.T, base, expr string) float64 {
	t.Helper()
	got := testkit.MustQuery(t, base, expr, time.Time{})
	if len(got) != 1 {
		t.Fatalf("%s gives %d series, want 1", expr, len(got))
	}
	return got[0].Value
}
