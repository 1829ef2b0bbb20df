package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

func (p *problems) validateExhaustion(t *Task, at string) {
	e := t.Exhaustion
	var given []string
	for _, f := range []string{"limit", "limit_expr", "budget"} {
		if p.has(at + "." + f) {
			given = append(given, f)
		}
	}
	switch len(given) {
	case 0:
		p.add(at, "no limit: one of limit, limit_expr or budget is needed")
	case 1:
	default:
		p.add(at, "only one of %s can be the limit", strings.Join(given, ", "))
	}
	if e.Limit != nil {
		p.finite(at+".limit", *e.Limit)
	}
	if p.has(at + ".limit_expr") {
		p.expression(at+".limit_expr", e.LimitExpr)
	}
	if e.Budget != nil {
		p.validateBudget(e, t.Step, at)
	}
	if e.On != nil && !p.has(at+".limit_expr") {
		p.add(at+".on", "only limits of limit_expr are matched")
	}
	p.labelNames(at+".on", e.On)
	if e.Direction != "rising" && e.Direction != "falling" {
		p.add(at+".direction", "%q: want rising or falling", e.Direction)
	}
	if e.Sustained > model.Duration(maxWithin) {
		p.add(at+".sustained", "%s: at most 14d are possible", e.Sustained)
	}
	alerts := map[model.Duration]bool{}
	for i := range e.Alerts {
		p.validateExhaustionAlert(&e.Alerts[i], t.Step, fmt.Sprintf("%s.alerts[%d]", at, i))
		alerts[e.Alerts[i].Within] = true
	}
	for i, w := range e.Within {
		if !alerts[w] {
			p.validateWithin(p.element(at+".within", i), w, t.Step)
		}
	}
}

func (p *problems) validateWithin(at string, w, step model.Duration) {
	switch {
	case w < step:
		p.add(at, "%s: at least one step (%s) is needed", w, step)
	case w > model.Duration(maxWithin):
		p.add(at, "%s: at most 14d are possible", w)
	}
}

func (p *problems) validateExhaustionAlert(a *ExhaustionAlert, step model.Duration, at string) {
	if !p.has(at + ".within") {
		p.add(at+".within", "missing")
	} else {
		p.validateWithin(at+".within", a.Within, step)
	}
	switch at := at + ".probability"; {
	case !p.has(at):
		p.add(at, "missing")
	case !(a.Probability > 0 && a.Probability < 1):
		p.add(at, "%v: want a probability between 0 and 1", a.Probability)
	}
	p.validateFor(at+".for", a.For, step)
	p.validateSeverity(at+".severity", a.Severity)
	if a.For >= a.Within && a.Within >= step {
		p.warn(at+".for", "%s is not less than within (%s): the alert comes too late", a.For, a.Within)
	}
}

func (p *problems) validateBudget(e *Exhaustion, step model.Duration, at string) {
	if o := e.Budget.Objective; !(o > 0 && o < 1) {
		p.add(at+".budget.objective", "%v: want a share between 0 and 1, such as 0.999", o)
	}
	switch w := time.Duration(e.Budget.Window); {
	case w < 2*time.Duration(step):
		p.add(at+".budget.window", "%s: at least two steps (%s) are needed", e.Budget.Window, 2*step)
	case w > 90*day:
		p.add(at+".budget.window", "%s: at most 90d are possible", e.Budget.Window)
	}
	if e.Direction == "falling" {
		p.add(at+".direction", "a budget is always used up rising")
	}
}
