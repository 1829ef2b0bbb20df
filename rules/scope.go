package rules

import (
	"fmt"
	"slices"
	"strings"
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
func (s *scope) subject(ours bool) string {
	return strings.TrimSuffix(text(s.Name)+" "+s.identity.show(ours), " ")
}

// metric gives the labels of one of Foresight's metrics for the task.
func (s *scope) metric(m board.Metric, pairs ...string) labels.Labels {
	return metric(m.Name, append([]string{"task", s.Name}, pairs...)...)
}

// labels are those of an alert on one series; ours tells whether its expression reads Foresight's metrics or the
// source's. Where the rule's result carries them as well, they make rules differ that have names in common.
func (s *scope) labels(ours bool) map[string]string {
	l := map[string]string{"task": text(s.Name)}
	if !s.identity.none() {
		l[labelSeries] = s.identity.define() + s.identity.show(ours)
	}
	if g := s.group(); !g.none() {
		l[labelGroup] = g.show(ours)
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

// sample gives a metric the labels that a series of the task might have, all with the same value.
func (s *scope) sample(m labels.Labels, ours bool, value string) labels.Labels {
	b := labels.NewBuilder(m)
	names := s.identity.names
	if !s.identity.known {
		names = []string{model.InstanceLabel}
	}
	for _, name := range slices.Concat(names, s.GroupBy) {
		if ours {
			name = board.ExportedLabel(name)
		}
		if !m.Has(name) {
			b.Set(name, value)
		}
	}
	return b.Labels()
}

// trial tries an alert with one series for which its expression holds for a while and, where there can be two, another
// for which it never does. m is the metric that the expression reads, one of Foresight's or of the source; drop are
// labels that the expression takes away.
func (s *scope) trial(a *alert, m labels.Labels, ours bool, active, calm float64, drop ...string) *trial {
	one, other := s.sample(m, ours, "a"), s.sample(m, ours, "b")
	up, after := minutes(a.wait)+10, minutes(a.keep)+20
	t := &trial{
		inputs: []input{{one, hold(active, up) + " " + hold(calm, after)}},
		over:   up,
		result: one.MatchLabels(false, append(drop, model.MetricNameLabel)...),
	}
	if !labels.Equal(one, other) {
		t.inputs = append(t.inputs, input{other, hold(calm, up+after)})
	}
	return t
}

// hold is a value for some minutes, in the notation of promtool's tests.
func hold(v float64, minutes int) string { return fmt.Sprintf("%s+0x%d", number(v), minutes-1) }

// minutes rounds up.
func minutes(d model.Duration) int {
	return int((time.Duration(d) + time.Minute - 1) / time.Minute)
}
