package replay

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
)

func TestRead(t *testing.T) {
	nan := math.NaN()
	c := &config.Task{
		Name: "disk", Expr: "used", By: []string{"mount"}, Step: model.Duration(hour), Level: 0.9, SeriesLimit: 2,
		Exhaustion: &config.Exhaustion{LimitExpr: "size"},
	}
	at := func(i int, v float64) source.Sample {
		return source.Sample{T: origin.Add(hour * time.Duration(i)).UnixMilli(), V: v}
	}
	src := sourceFunc(func(expr string, from, to int64, _ time.Duration, each func(labels.Labels, []source.Sample) error) error {
		require.Equal(t, at(0, 0).T, from)
		require.Equal(t, at(4, 0).T, to)
		if expr == "size" {
			return errors.Join(
				each(labels.FromStrings("__name__", "size", "mount", "/"), []source.Sample{at(1, 100), at(3, 200)}),
				each(labels.FromStrings("__name__", "size", "mount", "/unlimited"), []source.Sample{at(1, 0)}))
		}
		return errors.Join(
			each(labels.FromStrings("__name__", "used", "mount", "/", "pod", "old", "within", "x"), []source.Sample{at(0, 1), at(1, 2), at(2, 3)}),
			each(labels.FromStrings("__name__", "used", "mount", "/", "pod", "new"), []source.Sample{at(2, 4), at(4, math.Inf(1))}),
			each(labels.FromStrings("__name__", "used", "mount", "/unlimited"), []source.Sample{at(3, 7)}),
			each(labels.FromStrings("__name__", "used", "mount", "/third"), []source.Sample{at(3, 7)}))
	})
	h, err := Read(t.Context(), src, c, origin.Add(-time.Minute), origin.Add(4*hour+time.Minute))
	require.NoError(t, err)
	p := play(t, h, 0)
	require.Len(t, p.Series, 2, "series_limit")
	require.Equal(t, labels.FromStrings("mount", "/", "pod", "new", "task", "disk"), p.Series[0].Labels)
	same(t, []float64{1, 2, 4, nan, nan}, p.Series[0].Values)
	same(t, []float64{nan, 100, nan, 200, nan}, p.Series[0].Limits)
	same(t, []float64{nan, nan, nan, 7, nan}, p.Series[1].Values)
	same(t, missing(5), p.Series[1].Limits)
	require.Equal(t, origin.Add(3*hour), h.End().UTC())

	failing := sourceFunc(func(string, int64, int64, time.Duration, func(labels.Labels, []source.Sample) error) error {
		return errors.New("no")
	})
	_, err = Read(t.Context(), failing, c, origin, origin.Add(hour))
	require.EqualError(t, err, `task "disk": reading the series: no`)
}

// Members are joined by when they appear, not by the order in which the source names them; what is alive together for
// more than three steps is ambiguous, and so is a limit that two series give.
func TestReadAsTheEngineDoes(t *testing.T) {
	nan := math.NaN()
	c := &config.Task{
		Name: "disk", Expr: "used", By: []string{"mount"}, Step: model.Duration(hour), Level: 0.9,
		Exhaustion: &config.Exhaustion{LimitExpr: "size"},
	}
	samples := func(from int, values ...float64) []source.Sample {
		var all []source.Sample
		for i, v := range values {
			all = append(all, source.Sample{T: origin.Add(hour * time.Duration(from+i)).UnixMilli(), V: v})
		}
		return all
	}
	src := sourceFunc(func(expr string, _, _ int64, _ time.Duration, each func(labels.Labels, []source.Sample) error) error {
		if expr == "size" {
			return errors.Join(
				each(labels.FromStrings("mount", "/"), samples(0, 100, 0, nan, math.Inf(1), 100, 100, 200)),
				each(labels.FromStrings("mount", "/", "x", "y"), samples(5, 300)))
		}
		return errors.Join(
			each(labels.FromStrings("mount", "/", "pod", "a"), samples(2, 22, 23)),
			each(labels.FromStrings("mount", "/", "pod", "b"), samples(0, 10, 11, 12)),
			each(labels.FromStrings("mount", "/twice", "pod", "a"), samples(1, 21, 22, 23, 24, 25, 26)),
			each(labels.FromStrings("mount", "/twice", "pod", "b"), samples(0, 10, 11, 12, 13, 14, 15)))
	})
	h, err := Read(t.Context(), src, c, origin, origin.Add(6*hour))
	require.NoError(t, err)
	p := play(t, h, 0)
	require.Len(t, p.Series, 2)
	require.Equal(t, labels.FromStrings("mount", "/", "pod", "a", "task", "disk"), p.Series[0].Labels)
	require.Equal(t, labels.FromStrings("mount", "/", "task", "disk"), p.Series[0].Fixed)
	same(t, []float64{10, 11, 22, 23, nan, nan, nan}, p.Series[0].Values)
	same(t, []float64{100, nan, nan, nan, 100, nan, 200}, p.Series[0].Limits)
	same(t, []float64{10, 21, 22, 23, nan, nan, 26}, p.Series[1].Values)
}

func TestFromRows(t *testing.T) {
	c := &config.Task{Name: "t", Step: model.Duration(hour), Level: 0.9}
	_, err := FromRows(c, map[string][]source.Sample{"a": nil})
	require.EqualError(t, err, "the files hold no samples")

	h, err := FromRows(c, map[string][]source.Sample{"b": rows(3, daily), "a": rows(5, daily)[3:]})
	require.NoError(t, err)
	require.Equal(t, 5, h.Len)
	p := play(t, h, 0)
	require.Equal(t, labels.FromStrings("series", "b", "task", "t"), p.Series[0].Labels, "the first to join")
	same(t, []float64{math.NaN(), math.NaN(), math.NaN(), daily(3), daily(4)}, p.Series[1].Values)
	same(t, []float64{daily(0), daily(1), daily(2), math.NaN(), math.NaN()}, p.Series[0].Values)

	c.Exhaustion = &config.Exhaustion{LimitExpr: "size"}
	_, err = FromRows(c, map[string][]source.Sample{"a": rows(3, daily)})
	require.EqualError(t, err, `task "t": the limit of files has to be a number: set exhaustion.limit`)
}

// same compares numbers, NaN with NaN.
func same(t *testing.T, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		if math.IsNaN(want[i]) {
			require.True(t, math.IsNaN(got[i]), "%v", got)
		} else {
			require.Equal(t, want[i], got[i], "%v", got)
		}
	}
}
