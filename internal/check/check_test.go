package check

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// fake answers each expression with what its entry gives.
type fake map[string][]fakeSeries

type fakeSeries struct {
	labels labels.Labels
	value  func(t int64) float64 // NaN: no sample
}

func (f fake) Instant(
	_ context.Context, task, expr string, at int64, each func(labels.Labels, source.Sample) error,
) (source.Warnings, error) {
	all, ok := f[expr]
	if !ok {
		return nil, fmt.Errorf("task %q: %w: no such expression %s", task, source.ErrRejected, expr)
	}
	for _, s := range all {
		if v := s.value(at); !math.IsNaN(v) {
			if err := each(s.labels, source.Sample{T: at, V: v}); err != nil {
				return nil, err
			}
		}
	}
	return source.Warnings{"mind " + expr}, nil
}

func (f fake) Range(
	_ context.Context, task, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error,
) (source.Warnings, error) {
	if expr == "gone" {
		return nil, errors.New("task " + task + ": the source went away")
	}
	for _, s := range f[expr] {
		var samples []source.Sample
		for t := from; t <= to; t += step.Milliseconds() {
			if v := s.value(t); !math.IsNaN(v) {
				samples = append(samples, source.Sample{T: t, V: v})
			}
		}
		if len(samples) == 0 {
			continue
		}
		if err := each(s.labels, samples); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// Ping answers unless there is nothing to ask for.
func (f fake) Ping(context.Context) error {
	if f == nil {
		return errors.New("nobody is there")
	}
	return nil
}

func (f fake) BuildInfo(context.Context) (string, error) { return "2.42.0", nil }

var now = time.Date(2025, 3, 3, 12, 0, 7, 0, time.UTC)

// wave has a daily season and begins some time ago.
func wave(age time.Duration) func(t int64) float64 {
	start := now.Add(-age).UnixMilli()
	return func(t int64) float64 {
		if t < start {
			return math.NaN()
		}
		hours := float64(t) / 3.6e6
		return 10 + 3*math.Sin(2*math.Pi*hours/24) + math.Mod(hours*math.Pi*1e3, 0.5)
	}
}

// until ends some time ago.
func until(value func(int64) float64, ago time.Duration) func(int64) float64 {
	end := now.Add(-ago).UnixMilli()
	return func(t int64) float64 {
		if t > end {
			return math.NaN()
		}
		return value(t)
	}
}

func constant(v float64) func(int64) float64 { return func(int64) float64 { return v } }

func series(value func(int64) float64, l ...string) fakeSeries {
	return fakeSeries{labels.FromStrings(l...), value}
}

const month = 28 * 24 * time.Hour

func world() fake {
	many := make([]fakeSeries, 300)
	for i := range many {
		many[i] = series(constant(float64(i)), "i", fmt.Sprintf("%03d", i))
	}
	return fake{
		"good": {
			series(wave(month), "__name__", "good", "instance", "a", "zone", "1"),
			series(wave(month), "__name__", "good", "instance", "b", "zone", "1"),
		},
		"young": {series(wave(20*time.Hour), "instance", "a"), series(wave(20*time.Hour), "instance", "b")},
		"half":  {series(wave(15*24*time.Hour), "instance", "a")},
		"twins": {
			series(wave(month), "instance", "a", "pod", "1"), series(wave(month), "instance", "a", "pod", "2"),
			series(wave(month), "instance", "b", "pod", "3"), series(wave(month), "instance", "c", "pod", "4"),
		},
		"own":  {series(wave(month), "task", "x", "horizon", "y", "instance", "a")},
		"odd":  {series(constant(math.Inf(1)), "instance", "a"), series(constant(3), "instance", "b")},
		"many": many,
		"none": {},
		"gone": {series(wave(month), "instance", "a")},
		"disk": {
			series(wave(month), "d", "a"), series(wave(month), "d", "b"), series(wave(month), "d", "c"), series(wave(month), "d", "d"),
		},
		"size": {
			series(constant(100), "d", "a"), series(constant(0), "d", "b"),
			series(constant(100), "d", "c", "x", "1"), series(constant(100), "d", "c", "x", "2"),
		},
		"common": {series(constant(100))},
		"pods": {
			series(until(wave(month), 9*24*time.Hour), "app", "cart", "pod", "cart-1", "node", "n1"),
			series(wave(9*24*time.Hour), "app", "cart", "pod", "cart-2", "node", "n1"),
			series(wave(month), "app", "search", "pod", "search-1", "node", "n1"),
		},
	}
}

func TestCheck(t *testing.T) {
	c, err := config.Load("testdata/tasks.yml")
	require.NoError(t, err)
	var b strings.Builder
	Config(&b, "tasks.yml", c, now)
	testkit.Golden(t, "testdata/config.txt", strings.ReplaceAll(b.String(), "testdata/", ""), *update)

	b.Reset()
	errs := Live(t.Context(), &b, c, world(), now, func() {})
	testkit.Golden(t, "testdata/live.txt", b.String(), *update)
	require.Equal(t, 4, errs)

	b.Reset()
	require.Equal(t, 1, Live(t.Context(), &b, c, fake(nil), now, func() {}))
	require.Equal(t, "\nthe source does not answer\n  error     nobody is there\n", b.String())
}
