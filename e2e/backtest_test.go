package e2e

import (
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/replay"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/rules"
)

const backtestConfig = `
source: {url: "http://localhost:9090"}
defaults: {step: 15m, history: 14d}
tasks:
  - name: filesystem
    expr: node_filesystem_size_bytes - node_filesystem_avail_bytes
    by: [instance, mountpoint]
    minimum: 0
    horizons: [6h]
    exhaustion:
      limit_expr: node_filesystem_size_bytes
      alerts: [{within: 2d, probability: 0.5, for: 1h}]
`

// TestBacktest replays the history of a real Prometheus: a disk that is cleaned every night, on which the usual rule
// alerts every day, and one that really fills.
func TestBacktest(t *testing.T) {
	end := time.Now().Truncate(time.Hour)
	full := end.Add(-48 * time.Hour)
	disk := func(mount string, used func(time.Time) float64) []testkit.History {
		ls := labels.FromStrings("job", "node", "instance", "db:9100", "mountpoint", mount)
		return []testkit.History{
			{Name: "node_filesystem_avail_bytes", Labels: ls, Value: func(t time.Time) float64 { return 100 - used(t) }},
			{Name: "node_filesystem_size_bytes", Labels: ls, Value: func(time.Time) float64 { return 100 }},
		}
	}
	noise := func(t time.Time) float64 { return 0.3 * math.Sin(float64(t.Unix()/900*7919%10007)) }
	series := append(
		disk("/var/log", func(t time.Time) float64 { return 30 + 40*float64(t.Unix()%86400)/86400 + noise(t) }),
		disk("/data", func(t time.Time) float64 { return min(100, 100-4*full.Sub(t).Hours()/24+noise(t)) })...)
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), "global: {}\n", func(dir string) {
		testkit.CreateBlocks(t, testkit.FindTool(t, "promtool"), dir, end.Add(-24*24*time.Hour), end, 5*time.Minute, series)
	})
	address, err := url.Parse(p.URL)
	require.NoError(t, err)
	src, err := source.New(source.Options{URL: address})
	require.NoError(t, err)
	defer src.Close()

	c, err := config.Parse("foresight.yml", []byte(backtestConfig))
	require.NoError(t, err)
	set, err := rules.Generate(c)
	require.NoError(t, err)
	task := c.Tasks[0]
	all := replay.Rules(task, set.RuleGroups(task.Name))
	all = append(all, replay.Compare(rulefmt.Rule{
		Alert: "NodeFilesystemSpaceFillingUp", For: model.Duration(time.Hour),
		Expr: "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4 and predict_linear(node_filesystem_avail_bytes[6h], 24*60*60) < 0",
	}, all))

	h, err := replay.Read(t.Context(), src, task, end.Add(-24*24*time.Hour), end)
	require.NoError(t, err)
	played, err := replay.Play(t.Context(), h, replay.Life{From: end.Add(-10 * 24 * time.Hour)}, all, func() {})
	require.NoError(t, err)
	alerts, err := played.Try(t.Context(), src, all)
	require.NoError(t, err)

	byName := map[string]replay.Alert{}
	for _, a := range alerts {
		require.Empty(t, a.Left)
		byName[a.Name] = a
	}
	reached, ours, theirs := byName["ForesightLimitReached"], byName["ForesightExhaustionPredicted"], byName["NodeFilesystemSpaceFillingUp"]
	require.GreaterOrEqual(t, reached.Alarms, 1)
	require.Equal(t, 1, ours.Events)
	require.Equal(t, 0, ours.Missed)
	require.GreaterOrEqual(t, ours.CameTrue, 1)
	require.Equal(t, 0, ours.False, "%+v", ours)
	require.Greater(t, float64(ours.LeadHours), 12.0)
	require.GreaterOrEqual(t, theirs.False, 7, "one a day")
	require.InDelta(t, 10.0/7, played.Weeks(), 0.01)
}
