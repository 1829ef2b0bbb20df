package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/board"
)

// Signals returns the golden signals of a service that a task's series can be.
func Signals() []string { return []string{"latency", "traffic", "errors", "saturation"} }

func (p *problems) validateTask(t *Task, at string) {
	if s := taskName(t.Name); s != "" {
		p.add(at+".name", "%s", s)
	}
	p.expression(at+".expr", t.Expr)
	p.labelNames(at+".by", t.By)
	p.labelNames(at+".group_by", t.GroupBy)
	p.labelNames(at+".owner", t.Owner)
	if t.Signal != "" && !slices.Contains(Signals(), t.Signal) {
		p.add(at+".signal", "%q: want one of %s", t.Signal, strings.Join(Signals(), ", "))
	}
	p.validateGrid(at, t.Step, t.History, t.EvaluationInterval, *t.QueryOffset)
	p.validateLevel(at+".level", t.Level)
	p.notNegative(at+".series_limit", t.SeriesLimit)
	p.validateBounds(t, at)
	for i, h := range t.Horizons {
		switch at := p.element(at+".horizons", i); {
		case h < t.Step:
			p.add(at, "%s: at least one step (%s) is needed", h, t.Step)
		case h > model.Duration(maxHorizon):
			p.add(at, "%s: at most 2y are possible", h)
		}
	}
	p.validateSeason(t, at+".season")
	p.validateAnomaly(t, at+".anomaly")
	if t.Exhaustion != nil {
		p.validateExhaustion(t, at+".exhaustion")
	}
	if t.Threshold != nil {
		p.validateThreshold(t.Threshold, at+".threshold")
	}
	if t.Alert != nil {
		p.validateAlert(t, at+".alert")
	}
	p.validateOutputs(t, at)
	p.doubts(t, at)
}

// element addresses an element of a list that was sorted while loading: by the list, where its place is not known.
func (p *problems) element(at string, i int) string {
	if i == 0 && !p.has(at+"[1]") {
		return at + "[0]"
	}
	return at
}

func (p *problems) validateBounds(t *Task, at string) {
	ok := true
	for field, v := range map[string]*float64{"minimum": t.Minimum, "maximum": t.Maximum} {
		if v != nil && !p.finite(at+"."+field, *v) {
			ok = false
		}
	}
	if ok && t.Minimum != nil && t.Maximum != nil && *t.Minimum >= *t.Maximum {
		p.add(at+".maximum", "%v: want more than the minimum (%v)", *t.Maximum, *t.Minimum)
	}
}

func (p *problems) validateSeason(t *Task, at string) {
	for _, s := range t.Season.Periods {
		switch {
		case s < 2*time.Duration(t.Step):
			p.add(at, "%s: at least two steps (%s) are needed", model.Duration(s), 2*t.Step)
		case s > time.Duration(t.History)/2:
			p.warn(at, "%s is more than half the history (%s): the season may not be learnt", model.Duration(s), t.History)
		}
	}
}

func (p *problems) validateAnomaly(t *Task, at string) {
	a := &t.Anomaly
	if !slices.Contains([]string{"above", "below", "both"}, a.Direction) {
		p.add(at+".direction", "%q: want above, below or both", a.Direction)
	}
	for field, v := range map[string]float64{
		"minimum_deviation": a.MinimumDeviation, "minimum_relative_deviation": a.MinimumRelativeDeviation,
	} {
		if at := at + "." + field; p.finite(at, v) && v < 0 {
			p.add(at, "%v: want 0 or more", v)
		}
	}
	if at := at + ".false_events_per_week"; p.finite(at, a.FalseEventsPerWeek) && a.FalseEventsPerWeek <= 0 {
		p.add(at, "%v: want more than 0", a.FalseEventsPerWeek)
	}
	if a.Settle < t.Step {
		p.add(at+".settle", "%s: at least one step (%s) is needed", a.Settle, t.Step)
	}
}

func (p *problems) validateThreshold(t *Threshold, at string) {
	if t.Above == nil && t.Below == nil {
		p.add(at, "empty: above or below is needed")
	}
	ok := true
	for field, v := range map[string]*float64{"above": t.Above, "below": t.Below} {
		if v != nil && !p.finite(at+"."+field, *v) {
			ok = false
		}
	}
	if ok && t.Above != nil && t.Below != nil && *t.Below >= *t.Above {
		p.add(at+".below", "%v: want less than above (%v)", *t.Below, *t.Above)
	}
}

func (p *problems) validateAlert(t *Task, at string) {
	p.validateFor(at+".for", t.Alert.For, t.Step)
	p.validateSeverity(at+".severity", t.Alert.Severity)
	switch at := at + ".group_ratio"; {
	case p.has(at) && len(t.GroupBy) == 0:
		p.add(at, "there is no group without group_by")
	case len(t.GroupBy) > 0 && !(t.Alert.GroupRatio > 0 && t.Alert.GroupRatio <= 1):
		p.add(at, "%v: want a share above 0, at most 1", t.Alert.GroupRatio)
	}
}

func (p *problems) validateFor(at string, d, step model.Duration) {
	if d < 2*step {
		p.add(at, "%s: at least two steps (%s) are needed, or one late sample would decide", d, 2*step)
	}
}

func (p *problems) validateSeverity(at, s string) {
	if s == "" || !model.LabelValue(s).IsValid() {
		p.add(at, "%q: want the value of a label", s)
	}
}

// validateOutputs checks the groups and that alerts find what they read.
func (p *problems) validateOutputs(t *Task, at string) {
	if len(t.Outputs) == 0 {
		p.add(at+".outputs", "empty: leave it out for the default")
	}
	for i, g := range t.Outputs {
		at := fmt.Sprintf("%s.outputs[%d]", at, i)
		switch {
		case !slices.Contains(board.Groups, g):
			p.add(at, "unknown group %q; known are %v", g, board.Groups)
		case slices.Contains(t.Outputs[:i], g):
			p.add(at, "%q is named twice", g)
		case g == board.GroupExhaustion && t.Exhaustion == nil:
			p.add(at, "no limit is given; add exhaustion")
		}
	}
	if t.Alert != nil && !slices.Contains(t.Outputs, board.GroupAnomaly) {
		p.add(at+".outputs", "%q is missing, which alert reads", board.GroupAnomaly)
	}
	if t.Exhaustion != nil && len(t.Exhaustion.Alerts) > 0 && !slices.Contains(t.Outputs, board.GroupExhaustion) {
		p.add(at+".outputs", "%q is missing, which exhaustion.alerts read", board.GroupExhaustion)
	}
}
