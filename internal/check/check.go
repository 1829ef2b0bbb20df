// Package check tells in advance what a configuration does and what will go wrong with it.
//
// check.go says what a configuration alone tells. live.go asks the source, and calls history.go (what a fleet makes of
// some of the series), limits.go and calendar.go.
package check

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/readout"
)

// Config writes what a valid configuration asks for: the warnings, and for each task what it learns and exports, and the
// special days that come after now.
func Config(w io.Writer, name string, c *config.Config, now time.Time) {
	Summary(w, name, c)
	for _, t := range c.Tasks {
		describe(w, c, t, now)
	}
}

// Summary writes that a configuration is valid, and the warnings.
func Summary(w io.Writer, name string, c *config.Config) {
	fmt.Fprintf(w, "%s is valid: %s, %s\n", name, count(len(c.Tasks), "task"), count(len(c.Warnings), "warning"))
	for _, warning := range c.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
}

func describe(w io.Writer, c *config.Config, t *config.Task, now time.Time) {
	fmt.Fprintf(w, "\ntask %q\n", t.Name)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("reads", "%s", strings.Join(strings.Fields(t.Expr), " "))
	line("every", "%s over %s, looking for news every %s", t.Step, t.History, t.EvaluationInterval)
	if t.Signal != "" || len(t.Owner) > 0 {
		line("signal", "%s of %s", cmp.Or(t.Signal, "a number"), listed(t.Owner, "everything"))
	}
	if len(t.Calendars) > 0 {
		line("calendar", "%s", coming(c.Holidays(t), t, now))
	}
	if e := t.Exhaustion; e != nil {
		line("limit", "%s, %s", limitText(e), e.Direction)
		for _, w := range unsaid(t, time.Duration(t.History)) {
			line("warning", "the limit within %s: nothing is said before there are %s of history, but for what is likely sooner", w, needed(w))
		}
	}
	if t.By != nil {
		line("identity", "%s", listed(t.By, "no label: all is one series"))
	}
	line("exports", "%s for each series: %s", count(readout.New(t, nil).Exported(), "series"), exportText(t))
	if names := alerts(t); len(names) > 0 {
		line("alerts", "%s; written by foresight rules", strings.Join(names, ", "))
	}
}

// alerts names the alerts that a task asks for.
func alerts(t *config.Task) []string {
	var names []string
	if t.Alert != nil {
		if len(t.GroupBy) > 0 {
			names = append(names, "anomalous group", "outlier")
		} else {
			names = append(names, "anomaly")
		}
		if t.Threshold != nil {
			names = append(names, "threshold")
		}
	}
	if t.Exhaustion != nil {
		for _, a := range t.Exhaustion.Alerts {
			names = append(names, "exhaustion within "+a.Within.String())
		}
	}
	return names
}

func limitText(e *config.Exhaustion) string {
	switch {
	case e.Limit != nil:
		return strconv.FormatFloat(*e.Limit, 'g', -1, 64)
	case e.Budget != nil:
		return fmt.Sprintf("the error budget of %v over %s", e.Budget.Objective, e.Budget.Window)
	}
	s := strings.Join(strings.Fields(e.LimitExpr), " ")
	if e.On != nil {
		s += " on " + listed(e.On, "no label")
	}
	return s
}

func exportText(t *config.Task) string {
	var parts []string
	for _, g := range board.Groups {
		if !t.Exports(g) {
			continue
		}
		s := string(g)
		switch g {
		case board.GroupForecast:
			s += " at " + durations(t.Horizons)
		case board.GroupExhaustion:
			s += " within " + durations(t.Exhaustion.Within)
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func durations(all []model.Duration) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = d.String()
	}
	return strings.Join(parts, "/")
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n != 1 && noun != "series" {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ies"
		} else {
			noun += "s"
		}
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// listed writes names in order, or what none means.
func listed(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	names = slices.Sorted(slices.Values(names))
	return strings.Join(names, ", ")
}
