package rules

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

const lookaheadRemoteRead = "remote_read"

// scope is a task and what its alerts have in common.
type scope struct {
	*config.Task
	lookahead bool
	identity  identity
}

// subject names the series in a sentence; a template that wants [identity.define] before it.
func (s *scope) subject() string {
	if show := s.identity.show(); show != "" {
		return text(s.Name) + " " + show
	}
	return text(s.Name)
}

// metric gives the labels of one of Foresight's metrics for the task.
func (s *scope) metric(m board.Metric, pairs ...string) labels.Labels {
	return metric(m.Name, append([]string{"task", s.Name}, pairs...)...)
}

// needs tells that an alert reads metrics that the task exports.
func (s *scope) needs(why string, g board.Group) error {
	if len(s.Outputs) > 0 && !slices.Contains(s.Outputs, g) {
		return fmt.Errorf("%s needs %q among the task's outputs", why, g)
	}
	return nil
}

// labels are those of an alert on one series; ours tells whether its expression reads Foresight's metrics, which carry
// `task`, or the source's.
func (s *scope) labels(ours bool) map[string]string {
	l := map[string]string{}
	if !ours {
		l["task"] = text(s.Name)
	}
	if s.identity.show() != "" {
		l[labelSeries] = s.identity.define(ours) + s.identity.show()
	}
	if g := s.group(); g.show() != "" {
		l[labelGroup] = g.define(ours) + g.show()
	}
	return l
}

// group is the identity of the groups that the task's series belong to.
func (s *scope) group() identity { return identity{names: s.GroupBy, known: true} }

// keep gives `keep_firing_for`: as configured, else as long as the alert had to hold to fire.
func (s *scope) keep(wait model.Duration) model.Duration {
	if s.Alert != nil && s.Alert.KeepFiringFor > 0 {
		return s.Alert.KeepFiringFor
	}
	return wait
}

// sample gives labels that a series of the task might have, all with the same value.
func (s *scope) sample(m labels.Labels, value string) labels.Labels {
	b := labels.NewBuilder(m)
	names := s.identity.names
	if !s.identity.known {
		names = []string{model.InstanceLabel}
	}
	for _, name := range slices.Concat(names, s.GroupBy) {
		b.Set(exported(name), value)
	}
	return b.Labels()
}

// trial tries an alert with one series for which its expression holds for a while and another for which it never does.
// m is the metric that the expression reads; drop are labels that the expression takes away.
func (s *scope) trial(a *alert, m labels.Labels, active, calm float64, drop ...string) *trial {
	firing := s.sample(m, "a")
	up, after := minutes(a.wait)+10, minutes(a.keep)+20
	return &trial{
		inputs: []input{
			{firing, hold(active, up) + " " + hold(calm, after)},
			{s.sample(m, "b"), hold(calm, up+after)},
		},
		over:   up,
		result: firing.MatchLabels(false, append(drop, model.MetricNameLabel)...),
	}
}

// hold is a value for some minutes, in the notation of promtool's tests.
func hold(v float64, minutes int) string { return fmt.Sprintf("%s+0x%d", number(v), minutes-1) }

// minutes rounds up.
func minutes(d model.Duration) int {
	return int((time.Duration(d) + time.Minute - 1) / time.Minute)
}
