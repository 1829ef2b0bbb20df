package engine

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// notANumber is the value of a sample that is there and is NaN; any other NaN is no sample.
var notANumber = math.Float64frombits(0x7ff8000000000f0f)

func absent(v float64) bool {
	return math.IsNaN(v) && math.Float64bits(v) != math.Float64bits(notANumber)
}

// fake is a source whose series are functions of time; NaN: no sample.
type fake struct {
	mu       sync.Mutex
	exprs    map[string][]fakeSeries
	err      error
	breakAt  int // the slice before which the next range query breaks off; 0: none does
	ranges   int
	instants int
	points   int
	clock    func() time.Time // nil: it does not tell
	pings    int
	warnings source.Warnings
}

type fakeSeries struct {
	labels labels.Labels
	value  func(t int64) float64
}

func (f *fake) set(expr string, s ...fakeSeries) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.exprs == nil {
		f.exprs = map[string][]fakeSeries{}
	}
	f.exprs[expr] = s
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fake) counts() (ranges, instants, points int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ranges, f.instants, f.points
}

// Range answers in slices of a hundred steps, as a source with limits does.
func (f *fake) Range(_ context.Context, _, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ranges++
	slice := 0
	for begin := from; begin <= to; begin += 100 * step.Milliseconds() {
		if f.err != nil {
			return nil, f.err
		}
		if slice++; slice == f.breakAt {
			f.breakAt = 0
			return nil, errors.New("broken off")
		}
		for _, s := range f.exprs[expr] {
			var samples []source.Sample
			for t := begin; t < begin+100*step.Milliseconds() && t <= to; t += step.Milliseconds() {
				if v := s.value(t); !absent(v) {
					samples = append(samples, source.Sample{T: t, V: v})
				}
			}
			f.points += len(samples)
			if len(samples) > 0 {
				if err := each(s.labels, samples); err != nil {
					return nil, err
				}
			}
		}
	}
	return f.warnings, nil
}

func (f *fake) Instant(_ context.Context, _, expr string, at int64, each func(labels.Labels, source.Sample) error) (source.Warnings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instants++
	if f.err != nil {
		return nil, f.err
	}
	for _, s := range f.exprs[expr] {
		if v := s.value(at); !absent(v) {
			f.points++
			if err := each(s.labels, source.Sample{T: at, V: v}); err != nil {
				return nil, err
			}
		}
	}
	return f.warnings, nil
}

// Clock implements [Clock].
func (f *fake) Clock() (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clock == nil {
		return time.Time{}, false
	}
	return f.clock(), true
}

// Ping implements [Clock].
func (f *fake) Ping(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pings++
	return f.err
}

// daily is a series with a day's season and noise of its own.
func daily(seed int64) func(t int64) float64 {
	return func(t int64) float64 {
		h := uint64(t+seed) * 0x9e3779b97f4a7c15
		noise := float64(h>>40)/float64(1<<24) - 0.5
		return 100 + 20*math.Sin(2*math.Pi*float64(t%86400000)/86400000) + noise
	}
}

// between keeps a function to [from, to).
func between(from, to time.Time, f func(int64) float64) func(int64) float64 {
	return func(t int64) float64 {
		if t < from.UnixMilli() || t >= to.UnixMilli() {
			return math.NaN()
		}
		return f(t)
	}
}

func constant(v float64) func(int64) float64 { return func(int64) float64 { return v } }

const header = "source: {url: http://127.0.0.1:1}\ndefaults:\n  history: 7d\n"

func parse(t *testing.T, yaml string) *config.Config {
	t.Helper()
	c, err := config.Parse("test", []byte(header+yaml))
	require.NoError(t, err)
	return c
}

// world is an engine in a bubble of its own time, which begins in the year 2000.
type world struct {
	t       *testing.T
	source  *fake
	board   *board.Board
	engine  *Engine
	options Options
	log     *strings.Builder
}

func in(t *testing.T, test func(w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, source: &fake{}, log: &strings.Builder{}}
		w.options = Options{StoragePath: dir, Logger: slog.New(slog.NewTextHandler(w.log, nil))}
		w.start()
		defer func() { w.engine.Stop() }()
		test(w)
	})
}

func (w *world) start() {
	w.board = &board.Board{}
	w.options.Board = w.board
	w.engine = New(w.options)
}

func (w *world) apply(yaml string) {
	w.t.Helper()
	w.engine.Apply(parse(w.t, yaml), w.source)
	synctest.Wait()
}

func (w *world) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// states gives the state of each series of a task by the value of one label.
func (w *world) states(task, label string) map[string]models.State {
	w.t.Helper()
	s := w.board.Task(task)
	require.NotNil(w.t, s, "the task %q is not on the board", task)
	states := map[string]models.State{}
	for _, one := range s.Series {
		states[one.Labels.Get(label)] = one.State
	}
	return states
}

// value gives the value of a family for the series with that label value, NaN where it is not exported.
func (w *world) value(task string, m board.Metric, labelValue, label, of string) float64 {
	w.t.Helper()
	s := w.board.Task(task)
	column := s.Column(m, labelValue)
	i := slices.IndexFunc(s.Series, func(one board.Series) bool { return one.Labels.Get(label) == of })
	require.NotNil(w.t, column, "%s of %s=%q is not on the board: %d series", m.Name, label, of, len(s.Series))
	require.GreaterOrEqual(w.t, i, 0, "%s of %s=%q is not on the board: %d series", m.Name, label, of, len(s.Series))
	return column[i]
}

// statePath gives the file of a task whose state is in one.
func (w *world) statePath(task string) string {
	w.t.Helper()
	for i := range fleet.Partitions {
		path := fleet.Path(w.options.StoragePath, task, i)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	require.Fail(w.t, "no state", task)
	return ""
}
