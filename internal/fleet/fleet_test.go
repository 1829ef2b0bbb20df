package fleet

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/models"
)

const step = int64(5 * time.Minute / time.Millisecond)

var begin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli()

func at(moment int) int64 { return begin + int64(moment)*step }

func task(t *testing.T, more string) *config.Task {
	t.Helper()
	c, err := config.Parse("test", []byte("source: {url: http://127.0.0.1:1}\ntasks:\n- {name: t, expr: m"+more+"}\n"))
	require.NoError(t, err)
	return c.Tasks[0]
}

func fleetOf(t *testing.T, more string) *Fleet {
	t.Helper()
	return New(Options{Task: task(t, more), Pool: NewPool()})
}

func named(pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{"__name__", "m"}, pairs...)...)
}

// wave is a day's season with some noise of its own.
func wave(seed, moment int) float64 {
	return 100 + 20*math.Sin(2*math.Pi*float64(moment)/288) + float64((moment*7919+seed*104729)%1000)/500
}

func samples(from, to int, value func(moment int) float64) (all []Sample) {
	for i := from; i < to; i++ {
		if v := value(i); !math.IsNaN(v) {
			all = append(all, Sample{T: at(i), V: v})
		}
	}
	return all
}

// all gives the series by one label.
func all(f *Fleet, label string) map[string]*Series {
	out := map[string]*Series{}
	origin, _ := f.Origin()
	for _, s := range f.Listed(origin) {
		out[s.Labels.Get(label)] = s
	}
	return out
}

// What a fleet knows does not depend on how what it was given was cut into reads and slices.
func TestReadsDoNotMatter(t *testing.T) {
	const n = 4 * 288
	series := map[string]func(int) float64{
		"a": func(i int) float64 { return wave(1, i) },
		"b": func(i int) float64 { return wave(2, i) },
		"c": func(i int) float64 { return 3 * wave(3, i) },
		"late": func(i int) float64 {
			if i < 500 || i%3 == 0 {
				return math.NaN()
			}
			return wave(4, i)
		},
	}
	live := func(cuts ...int) *Fleet {
		f := fleetOf(t, ", group_by: [g]")
		from := 0
		for _, to := range append(cuts, n) {
			f.Begin(NoHold)
			for slice := from; slice < to; slice += 100 {
				for name, value := range series {
					require.NoError(t, f.Take(named("s", name, "g", "x"), samples(slice, min(slice+100, to), value)))
				}
			}
			f.Reach(at(to - 1))
			from = to
		}
		return f
	}
	var moments []int
	for i := 1; i < n; i++ {
		moments = append(moments, i)
	}
	want, got := all(live(moments...), "s"), all(live(700, 701, 900), "s")
	require.Len(t, got, len(series))
	for name, w := range want {
		g := got[name]
		require.Equal(t, models.StateOK, g.State(at(n-1), 2*step), name)
		require.Equal(t, w.Assessment, g.Assessment, name)
		require.Equal(t, w.PeerScore, g.PeerScore, name)
		require.False(t, math.IsNaN(w.PeerScore), name)
		a, err := w.Forecaster.AppendBinary(nil)
		require.NoError(t, err)
		b, err := g.Forecaster.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, a, b, name)
	}
}

// Groups are never cut apart, and each partition has one shard.
func TestPartitions(t *testing.T) {
	f := fleetOf(t, ", group_by: [g], by: [s]")
	f.Begin(NoHold)
	for i := range 300 {
		require.NoError(t, f.Take(named("s", strconv.Itoa(i), "g", strconv.Itoa(i%30), "other", "x"), samples(0, 1, func(int) float64 { return 1 })))
	}
	f.Reach(at(0))
	require.Equal(t, 300, f.Size())
	require.Len(t, f.Groups(), 30)
	used := 0
	for i := range f.parts {
		p := &f.parts[i]
		if len(p.series) > 0 {
			used++
		}
		for _, g := range p.groups {
			require.Len(t, g.members, 10)
		}
	}
	require.Greater(t, used, 15)

	owners := 0
	for shard := range uint64(3) {
		if (Shard{shard, 3}).owns(17) {
			owners++
		}
	}
	require.Equal(t, 1, owners)
}

// A refit that is due waits for the series' turn, at most an hour; the first does not.
func TestTurns(t *testing.T) {
	f := fleetOf(t, "")
	turns := map[int]int{}
	for seed := range 1200 {
		s := &Series{hash: uint64(seed) << 32, Info: models.Info{Status: models.WarmingUp}}
		require.True(t, f.turn(s, at(seed)))
		s.Info.Status++
		n := 0
		for i := range 12 {
			if f.turn(s, at(100+i)) {
				n++
				turns[i]++
			}
		}
		require.Equal(t, 1, n, "turns in an hour")
	}
	for i := range 12 {
		require.Equal(t, 100, turns[i], "of 1,200 series")
	}
	f.Begin(at(1000))
	spread := 0
	for seed := range 288 {
		s := &Series{hash: uint64(seed) << 32, Info: models.Info{Status: models.WarmingUp}}
		require.True(t, f.turn(s, at(1000)))
		require.False(t, f.turn(s, at(1000-145)), "more than half a day before the hold")
		if f.turn(s, at(1000-72)) {
			spread++
		}
	}
	require.InDelta(t, 144, spread, 4, "begin a quarter of a day before the hold")

	f = fleetOf(t, ", step: 1d, history: 60d")
	s := &Series{hash: 5 << 32}
	s.Info.Status++
	require.True(t, f.turn(s, begin), "with long steps it is always its turn")
}

// A flood of series that series_limit refuses is counted, costs one look for those that may leave, and takes the place
// of those only.
func TestSeriesLimit(t *testing.T) {
	f := fleetOf(t, ", series_limit: 3")
	give := func(moment int, names ...string) {
		f.Begin(NoHold)
		for _, name := range names {
			require.NoError(t, f.Take(named("s", name), samples(moment, moment+1, func(int) float64 { return 1 })))
		}
		f.Reach(at(moment))
	}
	give(0, "a", "b", "c", "d", "e", "d")
	require.Equal(t, 3, f.Size())
	require.Equal(t, 2, f.Dropped())
	give(5, "a")
	many := []string{"a"}
	for i := range 1000 {
		many = append(many, fmt.Sprint("new", i))
	}
	give(10, many...)
	require.Equal(t, 3, f.Size())
	require.Equal(t, 998, f.Dropped(), "b and c made place")
	require.Empty(t, f.leaving)
	for _, name := range []string{"a", "new0", "new1"} {
		require.Contains(t, all(f, "s"), name)
	}
}

// What the source has not had for a week is forgotten; while the source itself is away, nothing is.
func TestForgetting(t *testing.T) {
	f := fleetOf(t, "")
	give := func(moment int, names ...string) {
		f.Begin(NoHold)
		for _, name := range names {
			require.NoError(t, f.Take(named("s", name), samples(moment, moment+1, func(int) float64 { return 1 })))
		}
		f.Reach(at(moment))
	}
	give(0, "a", "b")
	require.Len(t, f.Listed(at(0)), 2)
	require.Empty(t, f.Listed(at(30*288)), "none is there")
	require.Equal(t, 2, f.Size(), "after a month without the source")
	give(288+2, "a")
	require.Len(t, f.Listed(at(288+2)), 2)
	require.Len(t, f.Listed(at(288+3)), 1, "b is gone for a day")
	give(8*288, "a")
	f.Listed(at(8 * 288))
	require.Equal(t, 1, f.Size())
}

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	const n = 2 * 288
	give := func(f *Fleet, from, to int) {
		f.Begin(NoHold)
		for i := range 20 {
			require.NoError(t, f.Take(named("s", strconv.Itoa(i)), samples(from, to, func(m int) float64 { return wave(i, m) })))
		}
		f.Reach(at(to - 1))
	}
	saveAll := func(f *Fleet) (files int) {
		for i := range Partitions {
			saved, err := f.Save(dir, i)
			require.NoError(t, err)
			if saved {
				files++
			}
		}
		return files
	}
	f := fleetOf(t, "")
	require.Zero(t, saveAll(f), "nothing was read yet")
	give(f, 0, n)
	require.Positive(t, saveAll(f))
	require.Zero(t, saveAll(f), "nothing has changed")

	back := fleetOf(t, "")
	lost, err := back.Load(dir)
	require.NoError(t, err)
	require.Zero(t, lost)
	require.Equal(t, 20, back.Size())
	origin, ok := back.Origin()
	require.True(t, ok)
	require.Equal(t, at(n-1), origin)
	// What was saved may be asked of the source again, as after a crash.
	give(f, n, n+10)
	give(back, n-5, n+10)
	for name, s := range all(f, "s") {
		require.Equal(t, s.Assessment, all(back, "s")[name].Assessment)
	}

	other := fleetOf(t, ", minimum: 0")
	_, err = other.Load(dir)
	require.ErrorContains(t, err, "other settings")
	require.Zero(t, other.Size())

	files, err := filepath.Glob(filepath.Join(dir, "*.state"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], []byte("half"), 0o600))
	less := fleetOf(t, "")
	_, err = less.Load(dir)
	require.ErrorContains(t, err, filepath.Base(files[0]))
	require.Less(t, less.Size(), 20)
	require.Greater(t, less.Size(), 10, "the other parts are used")
}

// The newest samples of a series stand beside what had been expected of them.
func TestRecent(t *testing.T) {
	f := fleetOf(t, "")
	const n = 3 * 288
	value := func(i int) float64 {
		if i == n-3 {
			return math.NaN()
		}
		return wave(1, i)
	}
	f.Begin(NoHold)
	require.NoError(t, f.Take(named("s", "a"), samples(0, n, value)))
	f.Reach(at(n - 1))
	s := all(f, "s")["a"]
	got := s.Ahead.(board.Past).Recent(nil, 6)
	require.Len(t, got, 6)
	for k, one := range got {
		moment := n - 6 + k
		require.Equal(t, at(moment), one.T)
		if math.IsNaN(value(moment)) {
			require.True(t, math.IsNaN(one.Value))
		} else {
			require.InDelta(t, value(moment), one.Value, 0.01) // kept coarsely
		}
		require.Less(t, math.Abs(one.Expected.Mean-wave(1, moment)), 10.0)
		require.LessOrEqual(t, one.Expected.Lower, one.Expected.Mean)
	}
	require.InDelta(t, s.Assessment.Expected.Mean, got[5].Expected.Mean, 1e-6)

	f.Reset()
	require.Empty(t, s.Ahead.(board.Past).Recent(nil, 6), "of a series that has left")
}
