package rules

import (
	"errors"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
)

// defaultGroupRatio is the share of a group that has to be anomalous where the configuration gives none.
const defaultGroupRatio = 0.5

// anomalyAlerts gives the alert on single series; where the task has groups, instead of it the one on a share of the
// group and the one on series unlike their siblings, which the first silences.
func anomalyAlerts(s *scope) ([]alert, error) {
	if s.Alert == nil || !s.Exports(board.GroupAnomaly) {
		return nil, nil
	}
	if len(s.GroupBy) == 0 {
		return []alert{s.anomaly()}, nil
	}
	ratio := s.Alert.GroupRatio
	if ratio == 0 {
		ratio = defaultGroupRatio
	}
	if !(ratio > 0 && ratio <= 1) {
		return nil, errors.New("alert: group_ratio: not between 0 and 1")
	}
	return []alert{s.groupAnomaly(ratio), s.outlier()}, nil
}

// direction says in a sentence which deviations count.
func (s *scope) direction() string {
	switch s.Anomaly.Direction {
	case "above":
		return "above what is expected"
	case "below":
		return "below what is expected"
	default:
		return "unlike what is expected"
	}
}

// expectation is a template for what was expected and, where both directions count, on which side the value lies.
func (s *scope) expectation() string {
	query := func(m board.Metric) string { return s.identity.query(s.metric(m), "") }
	const value = "{{ . | first | value | humanize }}"
	t := "{{ with " + query(board.Expected) + " }} Expected: " + value +
		"{{ with " + query(board.ExpectedLower) + " }}, from " + value + "{{ end }}" +
		"{{ with " + query(board.ExpectedUpper) + " }} to " + value + "{{ end }}.{{ end }}"
	if s.Anomaly.Direction == "" || s.Anomaly.Direction == "both" {
		t += "{{ with " + query(board.AnomalyDirection) + " }}{{ with . | first | value }}" +
			" It lies {{ if gt . 0.0 }}above{{ else }}below{{ end }} that.{{ end }}{{ end }}"
	}
	return t
}

// lasting is how long an alert of an anomaly stays at least, so that a score that swings around 1 is one alarm.
const lasting = model.Duration(30 * time.Minute)

func (s *scope) anomaly() alert {
	score := s.metric(board.AnomalyScore)
	a := alert{
		kind: anomaly, wait: s.Alert.For, keep: s.keep(max(s.Alert.For, lasting)), severity: s.Alert.Severity,
		labels: s.labels(true), variables: s.identity.define(),
		expr:    selector(score) + " > 1",
		summary: s.subject(true) + " is " + s.direction() + ".",
		detail: s.subject(true) + " is " + s.direction() + ", with an anomaly score of {{ $value | humanize }} (above 1 is anomalous)." +
			s.expectation(),
		page: s.identity.page(s.Name, true),
	}
	a.trial = s.trial(&a, score, true, 2, 0.5)
	return a
}

func (s *scope) outlier() alert {
	score := s.metric(board.PeerScore)
	a := alert{
		kind: outlier, wait: s.Alert.For, keep: s.keep(s.Alert.For), severity: s.Alert.Severity,
		labels: s.labels(true), variables: s.identity.define(),
		expr:    selector(score) + " > 1",
		summary: s.subject(true) + " behaves unlike its siblings.",
		detail: s.subject(true) + " behaves unlike the other series of its group, with a peer score of {{ $value | humanize }} (above 1 is an outlier)." +
			s.expectation(),
		page: s.identity.page(s.Name, true),
	}
	a.trial = s.trial(&a, score, true, 2, 0.5)
	return a
}

func (s *scope) groupAnomaly(ratio float64) alert {
	share := s.metric(board.AnomalousSeriesRatio)
	of := scope{Task: s.Task, identity: s.group()} // here the group is what the alert speaks of
	a := alert{
		kind: groupAnomaly, wait: s.Alert.For, keep: s.keep(s.Alert.For), severity: s.Alert.Severity,
		labels:  map[string]string{"task": text(s.Name), labelGroup: of.identity.show(true)},
		expr:    selector(share) + " >= " + number(ratio),
		summary: "Many series of " + of.subject(true) + " are " + s.direction() + ".",
		detail: "Of the series of " + of.subject(true) + ", {{ $value | humanizePercentage }} are " + s.direction() +
			" (alert from " + percent(ratio) + ").",
		page: of.identity.page(s.Name, true),
	}
	a.trial = of.trial(&a, share, true, 1, ratio/4)
	return a
}
