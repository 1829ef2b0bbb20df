package disks

import (
	"fmt"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/rules"
)

// Rule is an alerting rule, as its authors wrote it.
type Rule struct {
	Name   string
	Alerts []Alert // severities; any of them speaks for the rule
}

// Alert is one severity of a rule.
type Alert struct {
	Expr   string
	For    time.Duration
	Keep   time.Duration // keep_firing_for
	Within time.Duration // the time it speaks of
}

const day = 24 * time.Hour

const configuration = `
source: {url: "http://localhost:9090"}
tasks:
  - name: filesystem
    expr: node_filesystem_size_bytes - node_filesystem_avail_bytes
    by: [mountpoint]
    minimum: 0
    exhaustion:
      limit_expr: node_filesystem_size_bytes
      alerts:
        - {within: 4d, probability: 0.5, for: 1h, severity: warning}
`

// generated is what Foresight makes of the configuration.
func generated() (Rule, error) {
	c, err := config.Parse("foresight.yml", []byte(configuration))
	if err != nil {
		return Rule{}, err
	}
	set, err := rules.Generate(c)
	if err != nil {
		return Rule{}, err
	}
	for _, g := range set.RuleGroups("filesystem") {
		for _, r := range g.Rules {
			if r.Alert == "ForesightExhaustionPredicted" {
				return Rule{"Foresight", []Alert{{r.Expr, time.Duration(r.For), time.Duration(r.KeepFiringFor), 4 * day}}}, nil
			}
		}
	}
	return Rule{}, fmt.Errorf("no alert on exhaustion among %v", set.Groups)
}

// Rules are Foresight's generated alert, and its rivals: those of kubernetes-mixin and node-mixin with the defaults of
// both, and the straight lines over six hours and three days that are the usual advice. The critical alert of kubernetes-mixin names
// no time; it is given that of its sibling.
func Rules() ([]Rule, error) {
	ours, err := generated()
	if err != nil {
		return nil, err
	}
	return []Rule{
		ours,
		{"KubePersistentVolumeFillingUp", []Alert{
			{`(
  kubelet_volume_stats_available_bytes{job="kubelet"} / kubelet_volume_stats_capacity_bytes{job="kubelet"}
) < 0.03
and kubelet_volume_stats_used_bytes{job="kubelet"} > 0`, time.Minute, 0, 4 * day},
			{`(
  kubelet_volume_stats_available_bytes{job="kubelet"} / kubelet_volume_stats_capacity_bytes{job="kubelet"}
) < 0.15
and kubelet_volume_stats_used_bytes{job="kubelet"} > 0
and predict_linear(kubelet_volume_stats_available_bytes{job="kubelet"}[6h], 4 * 24 * 3600) < 0`, time.Hour, 0, 4 * day},
		}},
		{"NodeFilesystemSpaceFillingUp", []Alert{
			{`(
  node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"} * 100 < 40
and predict_linear(node_filesystem_avail_bytes{job="node"}[6h], 24*60*60) < 0
and node_filesystem_readonly{job="node"} == 0
)`, time.Hour, 0, day},
			{`(
  node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"} * 100 < 20
and predict_linear(node_filesystem_avail_bytes{job="node"}[6h], 4*60*60) < 0
and node_filesystem_readonly{job="node"} == 0
)`, time.Hour, 0, 4 * time.Hour},
		}},
		{"predict_linear over 6 h", []Alert{
			{`predict_linear(node_filesystem_avail_bytes{job="node"}[6h], 4 * 24 * 3600) < 0`, time.Hour, 0, 4 * day},
		}},
		{"predict_linear over 72 h", []Alert{
			{`predict_linear(node_filesystem_avail_bytes{job="node"}[72h], 4 * 24 * 3600) < 0`, time.Hour, 0, 4 * day},
		}},
	}, nil
}
