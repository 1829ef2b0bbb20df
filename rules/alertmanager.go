package rules

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// inhibition is one entry of Alertmanager's inhibit_rules.
type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string `yaml:"equal,omitempty"`
}

type route struct {
	Receiver       string   `yaml:"receiver"`
	Matchers       []string `yaml:"matchers,omitempty"`
	GroupBy        []string `yaml:"group_by,omitempty"`
	GroupWait      string   `yaml:"group_wait,omitempty"`
	RepeatInterval string   `yaml:"repeat_interval,omitempty"`
	Routes         []route  `yaml:"routes,omitempty"`
}

type receiver struct {
	Name string `yaml:"name"`
}

// alertmanager gives a configuration for Alertmanager to take over: the inhibitions as they are, the routes as an
// example. It stays the same when tasks come and go, because it speaks of the labels task, task_series and task_group
// only.
func (s *Set) alertmanager(h Header) ([]byte, error) {
	var b bytes.Buffer
	h.write(&b, "A fragment for Alertmanager: take over inhibit_rules as they are, and the routes beside your own.\n"+
		"# Alerts on what has happened (the limit reached, the threshold crossed) go where your own routes send them;\n"+
		"# predictions go to predictions, and to the pager only with severity: page.")
	predictions := s.named(exhaustionPredicted, thresholdPredicted, anomaly, groupAnomaly, outlier)
	return encode(&b, struct {
		Route     route        `yaml:"route"`
		Inhibit   []inhibition `yaml:"inhibit_rules"`
		Receivers []receiver   `yaml:"receivers"`
	}{
		Route: route{
			Receiver: "default",
			Routes: []route{{
				Receiver: "predictions", Matchers: []string{predictions}, GroupBy: []string{"task", labelGroup},
				GroupWait: "1m", RepeatInterval: "1d",
				Routes: []route{{Receiver: "pager", Matchers: []string{`severity="page"`}}},
			}, {
				Receiver: "default", Matchers: []string{s.named(limitReached, thresholdCrossed)}, GroupBy: []string{"task", labelGroup},
				Routes: []route{{Receiver: "pager", Matchers: []string{`severity="page"`}}},
			}},
		},
		Inhibit:   s.inhibitions(),
		Receivers: []receiver{{"default"}, {"pager"}, {"predictions"}},
	})
}

// inhibitions say which alerts silence which. Alerts on what has happened are silenced by nothing, as the source
// answers for the threshold and a limit reached stays reached.
func (s *Set) inhibitions() []inhibition {
	name := func(kinds ...string) []string { return []string{s.named(kinds...)} }
	return []inhibition{
		{name(limitReached), name(exhaustionPredicted), s.equal("task", labelSeries)},
		{name(thresholdCrossed), name(thresholdPredicted), s.equal("task", labelSeries, labelThreshold)},
		{ // of two predictions for one series, the graver
			append(name(exhaustionPredicted), `severity=~"page|critical"`),
			append(name(exhaustionPredicted), `severity!~"page|critical"`),
			s.equal("task", labelSeries),
		},
		{name(groupAnomaly), name(outlier, anomaly), s.equal("task", labelGroup)},
		{name(taskStale), name(exhaustionPredicted, thresholdPredicted, anomaly, groupAnomaly, outlier, coverageOff), s.equal("task")},
		{name(sourceUnreachable, down), append(name(exhaustionPredicted, thresholdPredicted, anomaly, groupAnomaly, outlier, taskStale, coverageOff), `task!=""`), s.equal()},
	}
}

// equal adds the labels of the configuration, so that teams that share an Alertmanager don't silence each other.
func (s *Set) equal(names ...string) []string {
	return append(names, slices.Sorted(maps.Keys(s.settings.Labels))...)
}

func (s *Set) named(kinds ...string) string {
	prefixed := make([]string, len(kinds))
	for i, kind := range kinds {
		prefixed[i] = s.settings.Prefix + kind
	}
	if len(prefixed) == 1 {
		return `alertname="` + prefixed[0] + `"`
	}
	return `alertname=~"` + strings.Join(prefixed, "|") + `"`
}
