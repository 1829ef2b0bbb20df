package fleet

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/identity"
)

// A series whose models failed is still seen, so that it is listed as failed and not taken for gone.
func TestFailedSeriesIsStillSeen(t *testing.T) {
	of := func(failure string, pending ...identity.Sample) *Series {
		return &Series{part: &partition{}, failure: failure, LastSeen: never, present: never, pending: pending}
	}
	f := &Fleet{hold: never}
	s := of("broken", identity.Sample{Member: 1, T: 1000, V: 7}, identity.Sample{Member: 1, T: 2000, V: 7}, identity.Sample{Member: 1, T: 3000, V: math.NaN()})
	s.learn(f, math.MaxInt64)
	require.Equal(t, int64(2000), s.LastSeen)
	require.Equal(t, int64(3000), s.seen())
	require.Equal(t, int64(math.MaxInt64), s.due())

	s = of("", identity.Sample{Member: 1, T: 1000, V: 7}) // without a forecaster: learning panics
	s.learn(f, math.MaxInt64)
	require.NotEmpty(t, s.Failure())
	require.Equal(t, int64(1000), s.LastSeen)
	require.Equal(t, int64(math.MaxInt64), s.due())
}
