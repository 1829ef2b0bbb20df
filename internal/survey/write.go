package survey

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
)

// Header is what a configuration says of where it comes from.
type Header struct {
	URL   string // of the source
	Shown string // the same without secrets
	HTTP  string // settings of the HTTP client as YAML, "" for none
	Now   time.Time
}

// Configuration writes the configuration with the presets that fit, and in comments what was found and what was left out.
func (r *Result) Configuration(h Header) (string, error) {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	version := r.Version
	if version == "" {
		version = "unknown"
	}
	p("%s", config.SchemaComment)
	p("# Written by foresight init on %s from what %s (version %s) has.", h.Now.UTC().Format(time.DateOnly), h.Shown, version)
	p("# %s.", r.Cost())
	p("# Every field: docs/configuration.md. Everything written out: foresight check --expand")
	url, err := yaml.Marshal(map[string]string{"url": h.URL})
	if err != nil {
		return "", err
	}
	p("source:\n  %s", strings.TrimSpace(string(url)))
	for line := range strings.Lines(h.HTTP) {
		p("  %s", strings.TrimRight(line, "\n"))
	}
	p("")
	p("# Alerts are off. `- node: {alerts: true}` switches those of a preset on; foresight rules then writes them.")
	p("presets:")
	for i := range r.Presets {
		r.Presets[i].write(p)
	}
	none, others := r.absent()
	if len(none) > 0 {
		p("\n# Nothing was found for: %s.", strings.Join(none, ", "))
	}
	for _, l := range others {
		p("# Left out: %s", l)
	}
	p("\n# Change a task by naming it, with only what differs:")
	p("# tasks:")
	p("#   - preset: node.memory")
	p("#     exhaustion: {limit: 0.9}")
	return b.String(), nil
}

// absent names the presets that are left out as a whole: those of which nothing is there, and others with the reason.
func (r *Result) absent() (none, others []string) {
	for i := range r.Presets {
		switch why := r.Presets[i].why(); why {
		case "":
		case "no data":
			none = append(none, r.Presets[i].Name)
		default:
			others = append(others, r.Presets[i].Name+": "+why)
		}
	}
	return none, others
}

// why tells why a preset is left out as a whole, "" where it is not.
func (p *Preset) why() string {
	if p.Found {
		return ""
	}
	for _, t := range p.Tasks {
		if !strings.HasPrefix(t.Why, "no data") {
			return oneLine(t.Why)
		}
	}
	return "no data"
}

func (p *Preset) write(line func(format string, args ...any)) {
	if !p.Found {
		return
	}
	var taken, left []string
	series := 0
	for _, t := range p.Tasks {
		if t.Taken {
			taken = append(taken, t.Name)
			series += t.Series
		} else {
			left = append(left, t.Name+" ("+oneLine(t.Why)+")")
		}
	}
	line("  # %s: %d series. %s", p.Title, series, p.outlook())
	if len(left) == 0 {
		line("  - %s", p.Name)
		return
	}
	for _, l := range left {
		line("  # without %s", l)
	}
	line("  - %s: {tasks: [%s]}", p.Name, strings.Join(taken, ", "))
}

// outlook tells what the history allows.
func (p *Preset) outlook() string {
	switch h := time.Duration(p.History); {
	case h < leastHistory:
		return fmt.Sprintf("History too short so far (%s): they are forecast from 1d on, in %s.", p.History, model.Duration(leastHistory-h))
	case h < 14*day:
		return fmt.Sprintf("History of %s; weeks are known from 2w on.", p.History)
	default:
		return fmt.Sprintf("History of %s or more.", p.History)
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Cost tells in a sentence what it takes.
func (r *Result) Cost() string {
	return fmt.Sprintf("%d tasks read %d series and export %d, for about %d MB of memory and %.0f queries a minute",
		r.Tasks, r.SeriesRead, r.SeriesOut, (r.MemoryBytes+1<<20-1)>>20, r.QueriesPerMinute)
}

// Tell writes for people what was found.
func (r *Result) Tell(w io.Writer) {
	version := r.Version
	if version == "" {
		version = "unknown"
	}
	fmt.Fprintf(w, "The source answers, version %s.\n\nFOUND\n", version)
	for i := range r.Presets {
		p := &r.Presets[i]
		if !p.Found {
			continue
		}
		fmt.Fprintf(w, "  %s: %s. %s\n", p.Name, p.Title, p.outlook())
		for _, t := range p.Tasks {
			if t.Taken {
				fmt.Fprintf(w, "    %-24s %6d series, %6d out\n", t.Name, t.Series, t.Series*t.SeriesOut)
			} else {
				fmt.Fprintf(w, "    %-24s left out, %s\n", t.Name, oneLine(t.Why))
			}
		}
	}
	none, others := r.absent()
	fmt.Fprintf(w, "\nNOT FOUND\n  %s\n", strings.Join(append(others, strings.Join(none, ", ")), "\n  "))
	fmt.Fprintf(w, "\n%s.\n", r.Cost())
}
