// Package pages writes the documentation of the presets from their data, so that the two can't differ.
package pages

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/presets"
	"github.com/foresight-exporter/foresight/internal/readout"
)

// marks enclose the table that is written into presets.md.
const (
	begin = "<!-- table of presets: make presets -->\n"
	end   = "<!-- end -->\n"
)

// Write returns the pages by their paths below docs: presets.md, which is overview with its table written anew, and one
// page for each preset.
func Write(overview string) (map[string]string, error) {
	before, rest, ok := strings.Cut(overview, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return nil, errors.New("presets.md has no place for the table")
	}
	out := map[string]string{}
	var table strings.Builder
	table.WriteString("| preset | watches | queries an evaluation | series out for one that is read | tried with |\n|---|---|---|---|---|\n")
	for _, name := range presets.Names() {
		p, err := config.ReadPreset(name)
		if err != nil {
			return nil, err
		}
		c, err := config.Parse(name, []byte("source: {url: 'http://localhost:9090'}\npresets: ["+name+"]\n"))
		if err != nil {
			return nil, err
		}
		table.WriteString(row(p, c))
		out[path.Join("presets", name+".md")] = page(p, c)
	}
	out["presets.md"] = before + begin + table.String() + end + after
	return out, nil
}

func row(p *config.Preset, c *config.Config) string {
	names := make([]string, len(p.Tasks))
	queries, low, high := 0, 0, 0
	for i, t := range p.Tasks {
		names[i] = t.Name
		queries += config.Queries(c.Tasks[i])
		n := readout.New(c.Tasks[i], nil).Exported()
		low, high = lower(low, n), max(high, n)
	}
	series := strconv.Itoa(low)
	if low != high {
		series += " to " + strconv.Itoa(high)
	}
	return fmt.Sprintf("| [`%s`](presets/%s.md) | %s: %s | %d | %s | %s |\n",
		p.Name, p.Name, p.Title, words(names), queries, series, strings.Join(p.Tried, ", "))
}

func lower(a, b int) int {
	if a == 0 {
		return b
	}
	return min(a, b)
}

func words(names []string) string { return strings.ReplaceAll(strings.Join(names, ", "), "_", " ") }

func page(p *config.Preset, c *config.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- written by make presets from internal/presets/%s.yml -->\n# %s\n\n", p.Name, p.Title)
	if p.About != "" {
		fmt.Fprintf(&b, "%s\n\n", p.About)
	}
	fmt.Fprintf(&b, "```yaml\nsource: {url: http://localhost:9090}\npresets:\n  - %s                 # or, with alerts:\n  # - %s: {alerts: true}\n```\n\n", p.Name, p.Name)
	b.WriteString(tried(p.Tried))
	b.WriteString("\n| task | signal | of what | limit | alerts, once switched on |\n|---|---|---|---|---|\n")
	for _, t := range p.Tasks {
		fmt.Fprintf(&b, "| [%s.%s](#%s) | %s | %s | %s | %s |\n",
			p.Name, t.Name, t.Name, t.Signal, code(t.Owner, ", "), limit(t.Exhaustion), alerts(t))
	}
	for i, t := range p.Tasks {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```promql\n%s\n```\n\n", t.Name, t.Why, broken(t.Expr))
		if e := t.Exhaustion; e != nil && e.LimitExpr != "" {
			fmt.Fprintf(&b, "against\n\n```promql\n%s\n```\n\n", broken(e.LimitExpr))
		}
		fmt.Fprintf(&b, "- needs %s\n", needs(t.Requires))
		if len(t.Uses) > 0 {
			fmt.Fprintf(&b, "- uses %s where it is there\n", code(t.Uses, ", "))
		}
		for _, line := range settings(t) {
			fmt.Fprintf(&b, "- %s\n", line)
		}
		fmt.Fprintf(&b, "- %d series out for each series that is read\n", readout.New(c.Tasks[i], nil).Exported())
	}
	return b.String()
}

// tried says with what a preset was run, and what could only be read about.
func tried(all []string) string {
	var run, read []string
	for _, t := range all {
		if rest, ok := strings.CutPrefix(t, "names of "); ok {
			read = append(read, rest)
		} else if rest, ok := strings.CutPrefix(t, "rules of "); ok {
			read = append(read, "the rules of "+rest)
		} else {
			run = append(run, t)
		}
	}
	var b strings.Builder
	if len(run) > 0 {
		fmt.Fprintf(&b, "Tried with %s.\n", strings.Join(run, ", "))
	}
	if len(read) > 0 {
		fmt.Fprintf(&b, "**Not run by our tests**: written with the metric names of %s, and checked against an exposition that has these names.\n",
			strings.Join(read, ", "))
	}
	return b.String()
}

// settings are the lines about what a task sets beside its expression and limit.
func settings(t *config.PresetTask) (lines []string) {
	if t.Minimum != nil || t.Maximum != nil {
		switch {
		case t.Maximum == nil:
			lines = append(lines, "never below "+number(*t.Minimum))
		case t.Minimum == nil:
			lines = append(lines, "never above "+number(*t.Maximum))
		default:
			lines = append(lines, "from "+number(*t.Minimum)+" to "+number(*t.Maximum))
		}
	}
	if t.Step != 0 {
		lines = append(lines, "every "+t.Step.String())
	}
	if len(t.Horizons) > 0 {
		lines = append(lines, "forecast at "+durations(t.Horizons))
	}
	a := t.Anomaly
	if a.Direction != "" || a.MinimumDeviation != 0 || a.MinimumRelativeDeviation != 0 {
		s := "anomalous"
		if a.Direction != "" && a.Direction != "both" {
			s += " only " + a.Direction + " what is expected"
		}
		var least []string
		if a.MinimumDeviation != 0 {
			least = append(least, number(a.MinimumDeviation))
		}
		if a.MinimumRelativeDeviation != 0 {
			least = append(least, number(100*a.MinimumRelativeDeviation)+" %")
		}
		if len(least) > 0 {
			s += ", from a deviation of " + strings.Join(least, " and ") + " on"
		}
		lines = append(lines, s)
	}
	if th := t.Threshold; th != nil {
		if th.Above != nil {
			lines = append(lines, "threshold above "+number(*th.Above))
		}
		if th.Below != nil {
			lines = append(lines, "threshold below "+number(*th.Below))
		}
	}
	return lines
}

func limit(e *config.Exhaustion) string {
	if e == nil {
		return ""
	}
	s := "by expression"
	if e.Limit != nil {
		s = number(*e.Limit)
	}
	if e.Direction == "falling" {
		s += ", falling"
	}
	if e.Sustained > 0 {
		s += ", for " + e.Sustained.String()
	}
	return s
}

func alerts(t *config.PresetTask) string {
	var parts []string
	if e := t.Exhaustion; e != nil {
		for _, a := range e.Alerts {
			parts = append(parts, fmt.Sprintf("%s: within %s at %s", a.Severity, a.Within, number(a.Probability)))
		}
	}
	if a := t.Alert; a != nil {
		parts = append(parts, a.Severity+": anomaly for "+a.For.String())
		if t.Threshold != nil {
			parts = append(parts, a.Severity+": threshold")
		}
	}
	return strings.Join(parts, "; ")
}

func needs(requires []string) string {
	parts := make([]string, len(requires))
	for i, r := range requires {
		parts[i] = code(strings.Split(r, "|"), " or ")
	}
	return strings.Join(parts, ", ")
}

func code(words []string, between string) string {
	return "`" + strings.Join(words, "`"+between+"`") + "`"
}

func durations(all []model.Duration) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = d.String()
	}
	return strings.Join(parts, ", ")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

var joints = regexp.MustCompile(`\s+(or|and|/|-|\+|\*) (on |sum|max|min|0 |histogram|\(|rate|node|increase|label|1 |[a-z])`)

// broken writes an expression in lines that can be read.
func broken(expr string) string {
	expr = strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(strings.Fields(expr), " "))
	if len(expr) < 120 {
		return expr
	}
	return joints.ReplaceAllString(expr, "\n  $1 $2")
}
