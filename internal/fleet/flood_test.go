package fleet

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a source answers with, the work on a read grows with what it holds: not with the number of members of an
// identity, nor with the number of times that it repeats itself.
func TestFloodsAreLinear(t *testing.T) {
	one := func(int) float64 { return 1 }
	follow := func(f *Fleet, moment int) {
		for i := range 200 {
			name := strconv.Itoa(i)
			require.NoError(t, f.Take(named("s", name, "k", name), samples(moment, moment+1, one)))
		}
	}

	t.Run("members of one identity", func(t *testing.T) {
		const flood = 20_000
		f := fleetOf(t, ", by: [k], series_limit: 200")
		f.Begin(NoHold)
		follow(f, 0)
		for i := range flood {
			require.NoError(t, f.Take(named("s", strconv.Itoa(1000+i), "k", "0"), samples(0, 1, one)))
		}
		p, _, _ := f.partitionOf(named("k", "0"))
		s := p.find(f.buf)
		require.Len(t, s.members.all, flood+1)
		require.Len(t, s.members.index, flood+1, "each is found by one look")
		for i, m := range s.members.all {
			require.Same(t, &s.members.all[i], s.members.find(m.hash))
		}
		f.Reach(at(0))
		require.LessOrEqual(t, len(s.members.all), 2)
		require.Nil(t, s.members.index)
		require.Equal(t, 200, f.Size())
	})

	t.Run("repetitions", func(t *testing.T) {
		f := fleetOf(t, "")
		f.Begin(NoHold)
		follow(f, 0)
		before := f.slice
		for range 100 {
			follow(f, 0)
		}
		require.LessOrEqual(t, f.slice-before, uint64(1), "all series are looked through once")
		before = f.slice
		for range 10 { // each of them hands over ten moments one by one
			for i := range 10 {
				follow(f, 1+i)
			}
		}
		require.LessOrEqual(t, f.slice-before, uint64(10), "once a moment")
		f.Reach(at(10))
		require.Equal(t, 200, f.Size())
		require.Equal(t, at(10), all(f, "s")["7"].ObservedAt)
	})

	t.Run("unknown series", func(t *testing.T) {
		f := fleetOf(t, ", series_limit: 200")
		f.Begin(NoHold)
		follow(f, 0)
		f.Reach(at(0))
		f.Begin(NoHold)
		follow(f, 1)
		for i := range 20_000 {
			require.NoError(t, f.Take(named("s", strconv.Itoa(1000+i)), samples(1, 2, one)))
		}
		require.NotNil(t, f.leaving, "looked for once")
		require.Empty(t, f.leaving)
		require.Equal(t, 20_000, f.Dropped())
		f.Reach(at(1))
	})
}
