package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/testkit"
)

const followAhead = `
source: {url: %q}
defaults: {evaluation_interval: 5s}
tasks:
  - {name: fast, expr: load, step: 1m, history: 8d, horizons: [1d], outputs: [expected]}
  - {name: usual, expr: bare, step: 5m, history: 8d, horizons: [1d], outputs: [expected]}
  - {name: slow, expr: sum by (zone) (zoned), step: 1h, history: 8d, horizons: [1d], outputs: [expected]}
`

// TestCurvesOfAForesight has a whole Foresight learn from a Prometheus, and that Prometheus read its future.
func TestCurvesOfAForesight(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Now()
	shape := weekly(100, 40, 0)
	all := []truth{
		{name: "load", labels: labels.FromStrings("job", "node", "instance", "a:9100"), smooth: shape, noise: 1},
		{name: "bare", smooth: shape, noise: 1},
		{name: "zoned", labels: labels.FromStrings("zone", "eu", "instance", "x"), smooth: shape, noise: 1},
	}
	own := testkit.FreeAddress(t)
	config := fmt.Sprintf(futureConfig, "/nonesuch", own, documentedRemoteRead(t, own))
	promtool := testkit.FindTool(t, "promtool")
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), config, func(dir string) {
		testkit.CreateBlocks(t, promtool, dir, now.Add(-9*day), now, time.Minute, histories(all))
	})
	f := startForesightAt(t, own, fmt.Sprintf(followAhead, p.URL), "")
	f.waitReady(2 * time.Minute)
	testkit.WaitFor(t, time.Minute, "a scrape", func() error {
		if got := testkit.MustQuery(t, p.URL, "foresight_expected_upper offset 1s", time.Time{}); len(got) != 3 {
			return errors.New("not scraped yet")
		}
		return nil
	})
	begin := time.Now()
	for _, task := range []string{"fast", "usual", "slow"} {
		metric := `foresight_expected{task="` + task + `"}`
		through := curveOf(t, p.URL, metric, begin, begin.Add(7*day-time.Hour))
		itself := curveOf(t, f.URL(), metric, begin.Add(-12*time.Hour), begin.Add(7*day-time.Hour))
		require.Equal(t, through.Metric, itself.Metric, "both ways give the labels of the scrape")
		for _, c := range []*model.SampleStream{through, itself} {
			require.WithinDuration(t, begin.Add(7*day-time.Hour), c.Values[len(c.Values)-1].Timestamp.Time(), 5*time.Minute, "a week, though a day is named")
			for i, v := range c.Values {
				if i > 0 {
					require.Equal(t, 5*time.Minute, v.Timestamp.Sub(c.Values[i-1].Timestamp), "no gap")
				}
				if v.Timestamp.Time().Sub(begin) > day {
					continue // eight days of history do not tell what a week is
				}
				require.InDelta(t, shape(v.Timestamp.Time()), float64(v.Value), 15, "%s at %v, %v from now", task, v.Timestamp.Time(), v.Timestamp.Time().Sub(begin))
			}
		}
		outside := fmt.Sprintf(`max_over_time((foresight_expected{task=%[1]q} > foresight_expected_upper)[1d:5m] offset -1d) or
			max_over_time((foresight_expected{task=%[1]q} < foresight_expected_lower)[1d:5m] offset -1d)`, task)
		require.Empty(t, testkit.MustQuery(t, f.URL(), outside, begin), "lower <= expected <= upper")
	}
	require.Len(t, testkit.MustQuery(t, p.URL, `foresight_expected{job="", instance=""}`, begin), 2, "empty labels are absent ones")
}

// curveOf asks for a range at steps of 5 minutes and gives its only series.
func curveOf(t *testing.T, base, query string, from, to time.Time) *model.SampleStream {
	t.Helper()
	const step = 5 * time.Minute
	from = from.Add(step).Truncate(step)
	to = to.Truncate(step)
	var answer struct {
		Warnings []string
		Data     struct{ Result model.Matrix }
	}
	require.NoError(t, json.Unmarshal([]byte(send(t, http.MethodPost, base+"/api/v1/query_range", url.Values{
		"query": {query}, "step": {"300"}, "start": {strconv.FormatInt(from.Unix(), 10)}, "end": {strconv.FormatInt(to.Unix(), 10)},
	})), &answer))
	require.Empty(t, answer.Warnings)
	require.Len(t, answer.Data.Result, 1, "%s", query)
	require.Len(t, answer.Data.Result[0].Values, int(to.Sub(from)/step)+1, "%s", query)
	return answer.Data.Result[0]
}
