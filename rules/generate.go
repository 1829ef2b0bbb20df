// Package rules turns a configuration into everything that alerts on it: Prometheus rule groups, their unit tests, and
// a fragment for Alertmanager.
//
// Generation is a chain of small steps: each task gives alerts ([Alerts] lists their names), alerts become the rules
// of one group for each task, and writers turn the groups into files. The same configuration always gives the same
// bytes. Whatever comes from the configuration is quoted for the language that it ends up in (PromQL, Go templates,
// YAML), and every group is validated by Prometheus's own parser before it is returned.
//
// Read generate.go and alert.go (what all alerts share), then the alerts: anomaly.go, threshold.go, exhaustion.go,
// health.go. scope.go and template.go put labels and texts together; aggregate.go makes recording rules, unittest.go
// tests, alertmanager.go the fragment; write.go and directory.go write it all down.
package rules

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
)

// DefaultPrefix is the first word of the names of alerts where the configuration gives none.
const DefaultPrefix = "Foresight"

// defaultRunbooks is where this project keeps a page for each alert.
const defaultRunbooks = "https://github.com/foresight-exporter/foresight/blob/main/docs/runbooks/"

// Set is all that was generated from one configuration.
type Set struct {
	Groups []Group // Foresight itself, each task in the order of the configuration, the aggregates

	settings config.Rules
}

// Group is one rule group with what its unit test needs.
type Group struct {
	rulefmt.RuleGroup
	Task string // "": of no task

	cases []testCase
}

// Generate gives the groups of a configuration that was loaded and is complete with defaults. An error names the task.
func Generate(c *config.Config) (*Set, error) {
	s := &Set{settings: c.Rules}
	if s.settings.Prefix == "" {
		s.settings.Prefix = DefaultPrefix
	}
	if err := checkSettings(&s.settings); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	s.Groups = append(s.Groups, s.group("foresight health", "", append(metaAlerts(), healthAlerts(c.Tasks)...)))
	for _, t := range c.Tasks {
		alerts, err := taskAlerts(t, &s.settings)
		if err != nil {
			return nil, fmt.Errorf("rules: task %q: %w", t.Name, err)
		}
		s.Groups = append(s.Groups, s.group("foresight task "+t.Name, t.Name, alerts))
	}
	if g := aggregates(c.Tasks); len(g.Rules) > 0 {
		s.Groups = append(s.Groups, g)
	}
	for i := range s.Groups {
		if err := validate(&s.Groups[i]); err != nil {
			return nil, fmt.Errorf("rules: group %q: %w", s.Groups[i].Name, err)
		}
	}
	return s, nil
}

// RuleGroups gives the groups of one task in Prometheus's type, as the backtest takes them.
func (s *Set) RuleGroups(task string) []rulefmt.RuleGroup {
	var out []rulefmt.RuleGroup
	for _, g := range s.Groups {
		if g.Task == task {
			out = append(out, g.RuleGroup)
		}
	}
	return out
}

func taskAlerts(t *config.Task, settings *config.Rules) ([]alert, error) {
	if !utf8.ValidString(t.Name) || t.Name == "" {
		return nil, errors.New("the name is empty or not UTF-8")
	}
	sc := scope{Task: t, lookahead: settings.Lookahead != "", identity: identify(t)}
	var out []alert
	for _, step := range []func(*scope) ([]alert, error){
		exhaustionAlerts, thresholdAlerts, anomalyAlerts,
	} {
		alerts, err := step(&sc)
		if err != nil {
			return nil, err
		}
		out = append(out, alerts...)
	}
	return out, nil
}

func (s *Set) group(name, task string, alerts []alert) Group {
	g := Group{RuleGroup: rulefmt.RuleGroup{Name: name}, Task: task}
	for i := range alerts {
		g.Rules = append(g.Rules, alerts[i].rule(&s.settings))
		if c, ok := alerts[i].test(&s.settings); ok {
			g.cases = append(g.cases, c)
		}
	}
	return g
}

// validate reads a group back as Prometheus will.
func validate(g *Group) error {
	text, err := yaml.Marshal(rulefmt.RuleGroups{Groups: []rulefmt.RuleGroup{g.RuleGroup}})
	if err != nil {
		return err
	}
	back, errs := rulefmt.Parse(text, false, model.UTF8Validation, promqlParser(), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	again, err := yaml.Marshal(back)
	if err == nil && !bytes.Equal(text, again) {
		err = errors.New("it does not read back as it was written")
	}
	return err
}

// checkSettings refuses what can't be quoted away: names that are part of the rules' structure.
func checkSettings(s *config.Rules) error {
	if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(s.Prefix) {
		return fmt.Errorf("prefix: %q is not a word", s.Prefix)
	}
	if s.Lookahead != "" && s.Lookahead != lookaheadRemoteRead {
		return fmt.Errorf("lookahead: %q is neither empty nor %q", s.Lookahead, lookaheadRemoteRead)
	}
	for name, value := range s.Labels {
		switch name {
		case "task", labelSeries, labelGroup, "severity", "alertname", "":
			return fmt.Errorf("labels: %q is set by the generated rules", name)
		}
		if !model.UTF8Validation.IsValidLabelName(name) || !utf8.ValidString(value) {
			return fmt.Errorf("labels: %q: %q is not a label", name, value)
		}
	}
	for field, url := range map[string]string{"runbook_url": s.RunbookURL, "page_url": s.PageURL} {
		if !utf8.ValidString(url) {
			return fmt.Errorf("%s: %q is not UTF-8", field, url)
		}
	}
	return nil
}

func promqlParser() parser.Parser { return parser.NewParser(parser.Options{}) }
