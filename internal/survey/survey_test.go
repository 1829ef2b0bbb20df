package survey

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fake is a source whose metrics have so many series each, for so long.
type fake struct {
	metrics map[string]int
	age     time.Duration
	fails   string // metrics with this in their names can't be counted
	asked   int
}

func (f *fake) Ping(context.Context) error {
	if f.metrics == nil {
		return errors.New("nobody is there")
	}
	return nil
}

func (f *fake) BuildInfo(context.Context) (string, error) { return "3.5.0", nil }

// least is how many series the rarest metric of an expression has.
func (f *fake) least(expr string) int {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return 0
	}
	least := math.MaxInt
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			least = min(least, f.metrics[s.Name])
		}
		return nil
	})
	return least
}

func (f *fake) Instant(_ context.Context, _, expr string, at int64, each func(labels.Labels, source.Sample) error) (source.Warnings, error) {
	f.asked++
	if strings.HasPrefix(expr, "count by (__name__)") {
		for name, n := range f.metrics {
			if strings.Contains(expr, name) {
				if err := each(labels.FromStrings("__name__", name), source.Sample{T: at, V: float64(n)}); err != nil {
					return nil, err
				}
			}
		}
		return nil, nil
	}
	if f.fails != "" && strings.Contains(expr, f.fails) {
		return nil, errors.New("the query\ntimed out")
	}
	n := f.least(expr)
	if n == 0 {
		return nil, nil
	}
	return nil, each(labels.EmptyLabels(), source.Sample{T: at, V: float64(n)})
}

func (f *fake) Range(_ context.Context, _, _ string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error) {
	f.asked++
	var s []source.Sample
	for t := from; t <= to; t += step.Milliseconds() {
		if t >= now.Add(-f.age).UnixMilli() {
			s = append(s, source.Sample{T: t, V: 1})
		}
	}
	if len(s) == 0 {
		return nil, nil
	}
	return nil, each(labels.EmptyLabels(), s)
}

// world has a node_exporter with too many filesystems and a clock that can't be counted, and OpenCost.
func world() *fake {
	return &fake{
		age: 9*day + 3*time.Hour, fails: "node_timex",
		metrics: map[string]int{
			"node_filesystem_size_bytes": 3000, "node_filesystem_avail_bytes": 3000, "node_memory_MemAvailable_bytes": 4, "node_memory_MemTotal_bytes": 4,
			"node_cpu_seconds_total": 600_000, "node_load5": 4, "node_timex_offset_seconds": 4,
			"container_cpu_allocation": 20, "container_memory_allocation_bytes": 20, "node_cpu_hourly_cost": 2, "node_ram_hourly_cost": 2,
			"kafka_consumergroup_lag": 5000,
		},
	}
}

func TestSurvey(t *testing.T) {
	f := world()
	steps := 0
	r, err := Run(t.Context(), f, Options{MaxSeries: 2000, Now: now, Progress: func() { steps++ }})
	require.NoError(t, err)
	n, err := Questions()
	require.NoError(t, err)
	require.Equal(t, n, steps)
	require.Less(t, f.asked, n)

	why := map[string]string{}
	for _, p := range r.Presets {
		for _, task := range p.Tasks {
			why[p.Name+"."+task.Name] = task.Why
			require.Equal(t, task.Why == "", task.Taken)
		}
	}
	require.Empty(t, why["node.memory"])
	require.Equal(t, "too many series: 3000", why["node.filesystem"])
	require.Equal(t, "too many series: its metrics have 600000", why["node.cpu"])
	require.Equal(t, "no data: node_nf_conntrack_entries, node_nf_conntrack_entries_limit", why["node.conntrack"])
	require.Equal(t, "no data: pg_replication_lag_seconds or pg_replication_lag", why["postgresql.replication_lag"])
	require.Equal(t, "history too short: it looks back 30d, and there are 9d", why["opencost.month"])
	require.Equal(t, "too many series: 5000", why["kafka.lag"])
	require.Equal(t, "could not be asked: the query\ntimed out", why["node.clock"])
	require.Equal(t, 2, r.Tasks)
	require.Equal(t, 4+2, r.SeriesRead)
	require.Equal(t, 4*20+2*13, r.SeriesOut)
	require.InDelta(t, 2, r.QueriesPerMinute, 1e-9)

	h := Header{URL: "http://prometheus:9090?token=hunter2", Shown: "http://prometheus:9090?token=xxxxx", HTTP: "basic_auth:\n  username: me\n", Now: now}
	text, err := r.Configuration(h)
	require.NoError(t, err)
	testkit.Golden(t, "testdata/foresight.yml", text, *update)
	c, err := config.Parse("foresight.yml", []byte(text))
	require.NoError(t, err)
	require.Len(t, c.Tasks, r.Tasks)
	require.Equal(t, "me", c.Source.HTTP.BasicAuth.Username)

	var b strings.Builder
	r.Tell(&b)
	testkit.Golden(t, "testdata/found.txt", b.String(), *update)
	_, err = json.Marshal(r)
	require.NoError(t, err)
}

// TestYoungSource: what is not a day old is taken, and the file says when forecasts begin.
func TestYoungSource(t *testing.T) {
	f := world()
	f.age = 7 * time.Hour
	r, err := Run(t.Context(), f, Options{MaxSeries: 2000, Now: now})
	require.NoError(t, err)
	text, err := r.Configuration(Header{URL: "http://x", Shown: "http://x", Now: now})
	require.NoError(t, err)
	require.Contains(t, text, "History too short so far (6h): they are forecast from 1d on, in 18h.")
}

func TestNothingFits(t *testing.T) {
	r, err := Run(t.Context(), &fake{metrics: map[string]int{"x": 1}}, Options{Now: now})
	require.NoError(t, err)
	require.False(t, r.Taken())
	_, err = Run(t.Context(), &fake{}, Options{Now: now})
	require.EqualError(t, err, "nobody is there")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Run(ctx, world(), Options{Now: now})
	require.ErrorIs(t, err, context.Canceled)
}

func TestReach(t *testing.T) {
	require.Equal(t, time.Hour, reach("increase(a[1h])"))
	require.Equal(t, 30*day, reach("sum_over_time((rate(a[5m]))[30d:1h])"))
	require.Zero(t, reach("a"))
}
