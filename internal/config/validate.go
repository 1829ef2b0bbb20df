package config

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// Bounds of what may be asked for.
const (
	maxNameBytes = 128
	maxHistory   = 5 * 365 * day // with a third year on, past forecasts show what a yearly season is worth
	maxHorizon   = 2 * 365 * day
	minHistory   = day // below it nothing is forecast
	maxWithin    = 14 * day
	minLevel     = 0.2
	maxLevel     = 0.99
)

const minHistoryDuration = model.Duration(minHistory)

// validate reports what is wrong with a complete configuration.
func (p *problems) validate(c *Config) {
	p.validateSource(&c.Source)
	p.validateRules(&c.Rules)
	p.validateGrid("defaults", c.Defaults.Step, c.Defaults.History, c.Defaults.EvaluationInterval, c.Defaults.QueryOffset)
	p.validateLevel("defaults.level", c.Defaults.Level)
	p.notNegative("defaults.series_limit", c.Defaults.SeriesLimit)
	p.notNegative("exported_series_limit", c.ExportedSeriesLimit)
	if len(c.Tasks) == 0 {
		p.add("tasks", "none: at least one is needed")
	}
	first := map[string]place{}
	for i, t := range c.Tasks {
		at := fmt.Sprintf("tasks[%d]", i)
		p.validateTask(t, at)
		if other, ok := first[t.Name]; ok {
			p.add(at+".name", "this name is taken by the task in %s", other.seenFrom(p.place(at)))
		} else if t.Name != "" {
			first[t.Name] = p.place(at)
		}
	}
}

func (p *problems) validateSource(s *Source) {
	switch u := s.URL; {
	case u == nil || u.URL == nil:
		p.add("source.url", "missing; want the address of a Prometheus-compatible server such as http://localhost:9090")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		p.add("source.url", "want an address that begins with http:// or https:// and names a host")
	case u.Fragment != "":
		p.add("source.url", `an address with a fragment ("#...") cannot be asked`)
	}
	if s.MaxConcurrentQueries < 1 {
		p.add("source.max_concurrent_queries", "%d: at least 1 is needed", s.MaxConcurrentQueries)
	}
	if s.Timeout < model.Duration(time.Second) {
		p.add("source.timeout", "%s: at least 1s is needed", s.Timeout)
	}
	if err := s.HTTP.Validate(); err != nil {
		p.add("source", "%s", err)
	}
}

func (p *problems) validateRules(r *Rules) {
	if !model.LegacyValidation.IsValidMetricName(r.Prefix) || strings.Contains(r.Prefix, ":") {
		p.add("rules.prefix", "%q: want a word of letters, digits and underscores that begins no digit", r.Prefix)
	}
	for field, s := range map[string]string{"runbook_url": r.RunbookURL, "page_url": r.PageURL} {
		if u, err := url.Parse(s); s != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			p.add("rules."+field, "want an address that begins with http:// or https://")
		}
	}
	for name, value := range r.Labels {
		at := "rules.labels." + name
		switch {
		case !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, "__"):
			p.add(at, "%q is not the name of a label", name)
		case name == model.AlertNameLabel || name == "severity" || name == "task":
			p.add(at, "this label is set by Foresight")
		case !utf8.ValidString(value):
			p.add(at, "want UTF-8")
		}
	}
	if r.Lookahead != "" && r.Lookahead != "remote_read" {
		p.add("rules.lookahead", `%q: want remote_read or nothing`, r.Lookahead)
	}
}

// validateGrid checks the times that defaults and tasks have in common.
func (p *problems) validateGrid(at string, step, history, interval, offset model.Duration) {
	switch {
	case step < model.Duration(time.Second):
		p.add(at+".step", "%s: at least 1s is needed", step)
	case step > model.Duration(day):
		p.add(at+".step", "%s: at most 1d is possible", step)
	case history < 2*step:
		p.add(at+".history", "%s: at least two steps (%s) are needed", history, 2*step)
	case history > model.Duration(maxHistory):
		p.add(at+".history", "%s: at most 5y are possible", history)
	case offset >= history:
		p.add(at+".query_offset", "%s: want less than the history (%s)", offset, history)
	}
	if interval < model.Duration(time.Second) {
		p.add(at+".evaluation_interval", "%s: at least 1s is needed", interval)
	}
}

func (p *problems) validateLevel(at string, level float64) {
	if !(level >= minLevel && level <= maxLevel) {
		p.add(at, "%v: want a level from %v to %v", level, minLevel, maxLevel)
	}
}

func (p *problems) notNegative(at string, n int) {
	if n < 0 {
		p.add(at, "%d: want 0 (no limit) or more", n)
	}
}

// finite reports a number that is none and tells whether it is one.
func (p *problems) finite(at string, v float64) bool {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		p.add(at, "%v: want a finite number", v)
		return false
	}
	return true
}

// labelNames checks a list of label names.
func (p *problems) labelNames(at string, names []string) {
	seen := map[string]bool{}
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case !model.UTF8Validation.IsValidLabelName(name):
			p.add(at, "%q is not the name of a label", name)
		case seen[name]:
			p.add(at, "%q is named twice", name)
		}
		seen[name] = true
	}
}

// taskName checks that a name can be a label value, part of an address and read in a log.
func taskName(name string) string {
	switch {
	case name == "":
		return "missing"
	case !utf8.ValidString(name):
		return "want UTF-8"
	case len(name) > maxNameBytes:
		return fmt.Sprintf("%d bytes: at most %d are possible", len(name), maxNameBytes)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "control characters are not possible"
	case strings.TrimSpace(name) != name:
		return "spaces around it are not possible"
	}
	return ""
}
