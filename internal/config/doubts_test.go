package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBareCounter(t *testing.T) {
	for expr, want := range map[string]string{
		"http_requests_total":                                             "http_requests_total",
		"sum by (job) (http_requests_total)":                              "http_requests_total",
		"histogram_quantile(0.9, latency_bucket)":                         "latency_bucket",
		"rate(a_total[5m]) / b_total":                                     "b_total",
		"rate(http_requests_total[5m])":                                   "",
		"histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))": "",
		"http_requests_total - http_requests_total offset 1h":             "",
		"max_over_time(http_requests_total[1h:5m])":                       "",
		"count(http_requests_total)":                                      "",
		"absent(http_requests_total)":                                     "",
		"pg_stat_activity_count":                                          "",
		"node_memory_MemTotal_bytes":                                      "",
	} {
		require.Equal(t, want, bareCounter(expr), expr)
	}
}

func TestDoubtsAboutLimits(t *testing.T) {
	const start = "source: {url: 'http://x'}\ntasks:\n  - {name: a, expr: up, exhaustion: "
	for exhaustion, want := range map[string][]string{
		"{limit: 3}": {`x.yml:3: task "a": exhaustion: has no alerts: the numbers are exported, and nobody is told of them`},
		"{limit: 3, alerts: [{within: 1d, probability: 0.5}]}": nil,
		"{limit: 0, alerts: [{within: 1d, probability: 0.5}]}": {
			`x.yml:3: task "a": exhaustion.limit: 0 is no limit for series that rise, as exporters say "unlimited" so; is direction: falling meant?`,
		},
		"{limit: 0, direction: falling, alerts: [{within: 1d, probability: 0.5}]}": nil,
	} {
		c, err := Parse("x.yml", []byte(start+exhaustion+"}\n"))
		require.NoError(t, err)
		require.Equal(t, want, c.Warnings, exhaustion)
	}
}
