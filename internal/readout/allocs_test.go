package readout

import (
	"math"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
)

const step = 5 * time.Minute

func everything(t testing.TB, more string) *config.Task {
	t.Helper()
	c, err := config.Parse("test", []byte("source: {url: http://127.0.0.1:1}\ntasks:\n- {name: t, expr: m, "+more+"}\n"))
	require.NoError(t, err)
	return c.Tasks[0]
}

// steady is a fleet of n series in groups of ten that has learnt a day, and what one evaluation of it is.
func steady(t testing.TB, n int, horizons string) (evaluate func(snap *board.Snapshot)) {
	t.Helper()
	task := everything(t, "group_by: [group], horizons: ["+horizons+"], exhaustion: {limit_expr: size, on: [name], within: [6h]}, "+
		"outputs: [expected, anomaly, forecast, exhaustion, observed, quality, info]")
	f := fleet.New(fleet.Options{Task: task, Pool: fleet.NewPool()})
	r := New(task, nil)
	all, limits := make([]labels.Labels, n), make([]labels.Labels, n)
	for i := range all {
		name := strconv.Itoa(i)
		all[i] = labels.FromStrings("__name__", "m", "name", name, "group", strconv.Itoa(i/10))
		limits[i] = labels.FromStrings("name", name)
	}
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli()
	one := make([]fleet.Sample, 1)
	learn := func() {
		at += step.Milliseconds()
		for _, ls := range limits {
			f.Limit(ls, at, 1000)
		}
		f.Begin(fleet.NoHold)
		for i, ls := range all {
			one[0] = fleet.Sample{T: at, V: float64(i) + 10*math.Sin(float64(at)/86_400_000*2*math.Pi) + float64(at*7919%1000)/1000}
			require.NoError(t, f.Take(ls, one))
		}
		f.Reach(at)
	}
	for range 300 {
		learn()
	}
	f.Interrupt() // a fit may allocate
	return func(snap *board.Snapshot) {
		learn()
		r.Read(snap, f, f.Listed(at), at)
	}
}

// In steady state nothing is allocated for each series: an evaluation of many costs no more than one of few.
func TestNothingIsAllocatedForASeries(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // buffers are given back where memory is collected
	allocs := func(n int) float64 {
		evaluate := steady(t, n, "5m, 1h") // the models allocate for farther ones
		snap := &board.Snapshot{}
		for range 20 { // by which each has opened its new hour
			evaluate(snap)
		}
		for _, c := range snap.Columns {
			if c.Metric.Group != board.GroupQuality && c.Metric != board.AnomalyStart { // one comes with the horizon, one with events
				require.False(t, math.IsNaN(c.Values[n-1]), "%s %s", c.Metric.Name, c.LabelValue)
			}
		}
		return testing.AllocsPerRun(50, func() { evaluate(snap) })
	}
	const few, more = 20, 100
	require.InDelta(t, allocs(few), allocs(few+more), 20+dropped*more, "%d series more", more)
}

func BenchmarkEvaluation(b *testing.B) {
	const n = 1000
	evaluate := steady(b, n, "1h, 1d")
	b.ReportAllocs()
	for b.Loop() {
		evaluate(&board.Snapshot{})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/series")
}
