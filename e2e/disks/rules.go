package disks

import "time"

// Rule is an alerting rule, as its authors wrote it.
type Rule struct {
	Name   string
	Alerts []Alert // severities; any of them speaks for the rule
}

// Alert is one severity of a rule.
type Alert struct {
	Expr   string
	For    time.Duration
	Within time.Duration // the time it speaks of
}

const day = 24 * time.Hour

// Rules are Foresight's generated alert, and its rivals: those of kubernetes-mixin and node-mixin with the defaults of
// both, and the straight line over three days that is the usual advice. The critical alert of kubernetes-mixin names
// no time; it is given that of its sibling.
func Rules() []Rule {
	return []Rule{
		{"Foresight", []Alert{
			{`foresight_exhaustion_probability_ratio{task="filesystem",within="4d"} >= 0.5`, time.Hour, 4 * day},
		}},
		{"KubePersistentVolumeFillingUp", []Alert{
			{`(
  kubelet_volume_stats_available_bytes{job="kubelet"} / kubelet_volume_stats_capacity_bytes{job="kubelet"}
) < 0.03
and kubelet_volume_stats_used_bytes{job="kubelet"} > 0`, time.Minute, 4 * day},
			{`(
  kubelet_volume_stats_available_bytes{job="kubelet"} / kubelet_volume_stats_capacity_bytes{job="kubelet"}
) < 0.15
and kubelet_volume_stats_used_bytes{job="kubelet"} > 0
and predict_linear(kubelet_volume_stats_available_bytes{job="kubelet"}[6h], 4 * 24 * 3600) < 0`, time.Hour, 4 * day},
		}},
		{"NodeFilesystemSpaceFillingUp", []Alert{
			{`(
  node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"} * 100 < 40
and predict_linear(node_filesystem_avail_bytes{job="node"}[6h], 24*60*60) < 0
and node_filesystem_readonly{job="node"} == 0
)`, time.Hour, day},
			{`(
  node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"} * 100 < 20
and predict_linear(node_filesystem_avail_bytes{job="node"}[6h], 4*60*60) < 0
and node_filesystem_readonly{job="node"} == 0
)`, time.Hour, 4 * time.Hour},
		}},
		{"predict_linear over 72 h", []Alert{
			{`predict_linear(node_filesystem_avail_bytes{job="node"}[72h], 4 * 24 * 3600) < 0`, time.Hour, 4 * day},
		}},
	}
}
