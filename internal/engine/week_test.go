package engine

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/replay"
)

// lived is what was exported: by task and moment, by series.
type lived map[string]map[int64]map[string]float64

func (l lived) add(task string, t int64, ls labels.Labels, v float64) {
	if l[task] == nil {
		l[task] = map[int64]map[string]float64{}
	}
	if l[task][t] == nil {
		l[task][t] = map[string]float64{}
	}
	l[task][t][ls.String()] = v
}

// record keeps what a board publishes of moments that were read, until ctx ends.
func (l lived) record(ctx context.Context, s *board.Subscription) {
	for {
		snap, err := s.Next(ctx)
		if err != nil {
			return
		}
		if snap.Error != "" {
			continue
		}
		for c := range snap.Columns {
			column := &snap.Columns[c]
			if column.Hidden {
				continue
			}
			for i, v := range column.Values {
				if math.IsNaN(v) {
					continue
				}
				b := labels.NewBuilder(snap.Series[i].Labels).Set(model.MetricNameLabel, column.Metric.Name)
				if column.Label != "" {
					b.Set(column.Label, column.LabelValue)
				}
				l.add(snap.Task, snap.Origin, b.Labels(), v)
			}
		}
		for _, row := range snap.Rows {
			if row.Metric == board.AnomalousSeriesRatio {
				l.add(snap.Task, snap.Origin, labels.NewBuilder(row.Labels).Set(model.MetricNameLabel, row.Metric.Name).Labels(), row.Value)
			}
		}
	}
}

const weekTasks = `tasks:
- name: replicas
  expr: load
  by: [instance]
  step: 15m
  group_by: [zone]
  horizons: [15m, 1d]
  query_offset: 10m
  outputs: [expected, anomaly, forecast, observed, quality%s]
- name: disks
  expr: used
  by: [disk]
  step: 15m
  horizons: [6h]
  exhaustion: {limit_expr: size, on: [disk], within: [1d, 4d]}
  outputs: [expected, anomaly, forecast, exhaustion, observed]
- name: errors
  expr: ratio
  step: 15m
  exhaustion: {budget: {objective: 0.999, window: 30d}, within: [1d, 4d]}
  outputs: [expected, exhaustion]
`

// weekSource has what a week brings. Samples of load become known nine minutes after their time.
func weekSource(f *fake, begin time.Time) {
	at := func(days float64) time.Time { return begin.Add(time.Duration(days * float64(24*time.Hour))) }
	ever, before := at(1000), at(-1000)
	late := func(value func(int64) float64) func(int64) float64 {
		return func(t int64) float64 {
			if t > time.Now().Add(-9*time.Minute).UnixMilli() {
				return math.NaN()
			}
			return value(t)
		}
	}
	some := func(of, without int64, value func(int64) float64) func(int64) float64 {
		return func(t int64) float64 {
			if t/900_000%of < without {
				return math.NaN()
			}
			return value(t)
		}
	}
	instance := func(zone, name, pod string) labels.Labels {
		return labels.FromStrings("__name__", "load", "zone", zone, "instance", name, "pod", pod)
	}
	odd := func(t int64) float64 {
		if t >= at(2.3).UnixMilli() && t < at(4.1).UnixMilli() {
			return 2 * daily(4)(t)
		}
		return daily(4)(t)
	}
	numbers := func(t int64) float64 { // not always
		switch t / 900_000 % 97 {
		case 3:
			return math.Inf(1)
		case 5, 6, 7:
			return notANumber
		}
		return daily(5)(t)
	}
	f.set("load",
		fakeSeries{instance("a", "1", "x"), late(daily(1))},
		fakeSeries{instance("a", "2", "x"), late(daily(2))},
		fakeSeries{instance("a", "3", "x"), late(some(3, 1, daily(3)))}, // every third sample is missing
		fakeSeries{instance("a", "4", "x"), late(odd)},                  // is an outlier for two days
		fakeSeries{instance("a", "5", "x"), late(between(before, at(2.02), numbers))},
		fakeSeries{instance("a", "5", "y"), late(between(at(2), ever, numbers))}, // a pod takes over
		fakeSeries{instance("b", "6", "x"), late(daily(6))},
		fakeSeries{instance("b", "6", "y"), late(between(at(3), at(3.1), daily(7)))},  // two are alive for hours
		fakeSeries{instance("b", "7", "x"), late(between(at(1.2), ever, daily(8)))},   // joins
		fakeSeries{instance("b", "8", "x"), late(between(before, at(2.6), daily(9)))}, // leaves
		fakeSeries{instance("b", "9", "x"), late(func(t int64) float64 { // leaves and returns
			if t >= at(1.5).UnixMilli() && t < at(3.7).UnixMilli() {
				return math.NaN()
			}
			return daily(10)(t)
		})})

	disk := func(name string) labels.Labels { return labels.FromStrings("disk", name) }
	grows := func(perDay float64) func(int64) float64 {
		return func(t int64) float64 { return 500 + perDay*float64(t-begin.UnixMilli())/86_400_000 + daily(11)(t)/100 }
	}
	f.set("used", fakeSeries{disk("grows"), grows(20)}, fakeSeries{disk("twice"), grows(25)}, fakeSeries{disk("none"), grows(1)},
		fakeSeries{disk("still"), constant(5)})
	f.set("size",
		fakeSeries{disk("grows"), func(t int64) float64 { // is resized
			if t >= at(3.3).UnixMilli() {
				return 1000
			}
			return 650
		}},
		fakeSeries{disk("twice"), constant(800)},
		fakeSeries{labels.FromStrings("disk", "twice", "by", "another"), between(at(2.2), at(2.5), constant(900))},
		fakeSeries{disk("none"), between(before, at(4), constant(600))},
		fakeSeries{disk("still"), constant(10)})
	f.set("ratio", fakeSeries{labels.EmptyLabels(), func(t int64) float64 { return daily(12)(t) / 100_000 }})
}

// A week that is lived, with all that comes between, exports what its replay says: column by column, sample by sample.
func TestAWeekLivedIsAWeekReplayed(t *testing.T) {
	in(t, func(w *world) {
		w.engine.Stop()
		begin := time.Now()
		weekSource(w.source, begin)
		live := lived{}
		var all sync.WaitGroup
		begun := func() (end func()) { // another process
			w.start()
			ctx, cancel := context.WithCancel(w.t.Context())
			s := w.board.Subscribe()
			all.Go(func() { live.record(ctx, s) })
			return func() {
				w.engine.Stop()
				cancel()
				all.Wait()
				s.Close()
			}
		}
		until := func(days float64) {
			w.after(time.Until(begin.Add(time.Duration(days * float64(24*time.Hour)))))
		}
		first := fmt.Sprintf(weekTasks, "")

		end := begun()
		w.apply(first)
		until(1)
		end() // a restart
		w.after(3 * time.Minute)
		end = begun()
		w.apply(first)
		until(1.7)
		w.source.fail(os.ErrDeadlineExceeded) // the source is away for an hour and a half
		w.after(90 * time.Minute)
		w.source.fail(nil)
		until(2.9)
		w.apply(fmt.Sprintf(weekTasks, ", info") + "exported_series_limit: 1000\n") // a reload
		until(3.4)
		saved := w.state()
		w.after(47 * time.Minute)
		end()
		w.restore(saved) // as if it had been killed, with parts saved at different times
		end = begun()
		w.apply(first)
		until(5)
		end()
		w.after(5 * time.Hour) // away for hours
		end = begun()
		w.apply(first)
		until(7)
		end()
		w.after(time.Hour)

		c := parse(w.t, first)
		for _, task := range c.Tasks {
			replayed := w.replay(task, begin)
			require.Greater(w.t, len(live[task.Name]), int(6*24*time.Hour/time.Duration(task.Step)), "moments lived of %s", task.Name)
			for _, at := range slices.Sorted(maps.Keys(live[task.Name])) {
				require.Equal(w.t, live[task.Name][at], replayed[task.Name][at], "%s at %s, %v after the begin", task.Name,
					time.UnixMilli(at).UTC(), time.UnixMilli(at).Sub(begin))
			}
		}
	})
}

// replay gives what a replay of the task says, of a life that began at a moment.
func (w *world) replay(task *config.Task, begin time.Time) lived {
	w.t.Helper()
	started := begin.Add(-time.Duration(*task.QueryOffset)).Truncate(time.Duration(task.Step))
	h, err := replay.Read(w.t.Context(), w.source, task, started.Add(-time.Duration(task.History)), time.Now().Add(-time.Duration(*task.QueryOffset)))
	require.NoError(w.t, err)
	everything := replay.Rule{Rule: rulefmt.Rule{Expr: `{__name__=~".+"}`}}
	played, err := replay.Play(w.t.Context(), h, replay.Life{Start: started, From: started}, []replay.Rule{everything}, func() {})
	require.NoError(w.t, err)
	l := lived{}
	played.Exported(func(ls labels.Labels, t int64, v float64) { l.add(task.Name, t, ls, v) })
	return l
}

// state reads the files of the storage.
func (w *world) state() map[string][]byte {
	w.t.Helper()
	files := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(w.options.StoragePath, "*.state"))
	require.NoError(w.t, err)
	for _, path := range paths {
		files[path], err = os.ReadFile(path)
		require.NoError(w.t, err)
	}
	return files
}

func (w *world) restore(files map[string][]byte) {
	w.t.Helper()
	for path, b := range files {
		require.NoError(w.t, os.WriteFile(path, b, 0o600))
	}
}
