package replay

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
)

// Rule is an alerting rule to try on a history.
type Rule struct {
	rulefmt.Rule
	Truth    Truth         // what it is about
	Within   time.Duration // how far ahead it looks: while an alarm lasts, and so long after, it may come true; 0: it predicts nothing
	Existing bool          // a rule that Foresight's are compared with
}

func (r *Rule) predicts() bool { return r.Truth != TruthNone && r.Within > 0 }

// Rules gives the alerting rules of generated groups with what they are about, which their labels tell: `within` is on
// those that predict the limit, `task_threshold` on those on a threshold, of which those that read Foresight's metrics
// predict it, up to the longest horizon or as far as they read ahead.
func Rules(t *config.Task, groups []rulefmt.RuleGroup) []Rule {
	var out []Rule
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				out = append(out, about(t, r))
			}
		}
	}
	return out
}

func about(t *config.Task, r rulefmt.Rule) Rule {
	rule := Rule{Rule: r}
	if within, err := model.ParseDuration(r.Labels["within"]); err == nil {
		rule.Truth, rule.Within = TruthLimit, time.Duration(within)
		return rule
	}
	switch r.Labels["task_threshold"] {
	case string(TruthAbove):
		rule.Truth = TruthAbove
	case string(TruthBelow):
		rule.Truth = TruthBelow
	default:
		return rule
	}
	expr, err := newParser().ParseExpr(r.Expr)
	if err != nil || !slices.ContainsFunc(metricNames(expr), func(n string) bool { return strings.HasPrefix(n, board.Prefix) }) {
		return rule
	}
	rule.Within = lookahead(expr)
	if n := len(t.Horizons); n > 0 && rule.Within == 0 {
		rule.Within = time.Duration(t.Horizons[n-1])
	}
	return rule
}

// Compare gives an existing rule as one that predicts the same as the generated ones, looking ahead as far as the one of
// them that looks farthest.
func Compare(r rulefmt.Rule, with []Rule) Rule {
	out := Rule{Rule: r, Existing: true}
	for _, w := range with {
		if w.predicts() && (w.Within > out.Within) {
			out.Truth, out.Within = w.Truth, w.Within
		}
	}
	return out
}
