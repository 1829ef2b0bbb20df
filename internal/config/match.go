package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

// matchers checks what is to be put into the selectors of a preset.
func (x *expansion) matchers(match map[string]string, n *yaml.Node, at string) {
	for _, name := range slices.Sorted(maps.Keys(match)) {
		if !model.UTF8Validation.IsValidLabelName(name) || name == model.MetricNameLabel {
			x.addAt(x.placeOf(n), at+".match."+name, "%q is not the name of a label that can be matched", name)
		} else if _, err := matcher(name, match[name]); err != nil {
			x.addAt(x.placeOf(n), at+".match."+name, "%s", err)
		}
	}
}

// matcher reads a value to match: as it is, or after one of the operators != =~ !~.
func matcher(name, value string) (*labels.Matcher, error) {
	for operator, kind := range map[string]labels.MatchType{
		"!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp,
	} {
		if rest, ok := strings.CutPrefix(value, operator); ok {
			return labels.NewMatcher(kind, name, rest)
		}
	}
	return labels.NewMatcher(labels.MatchEqual, name, value)
}

// narrow puts matchers into every selector of an expression. One that does not parse stays, to be told as it is.
func narrow(expr *yaml.Node, match map[string]string) {
	if expr = resolve(expr); expr == nil || expr.Kind != yaml.ScalarNode || len(match) == 0 {
		return
	}
	parsed, err := parseExpr(expr.Value)
	if err != nil {
		return
	}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(match)) {
			if m, err := matcher(name, match[name]); err == nil {
				s.LabelMatchers = append(s.LabelMatchers, m)
			}
		}
		return nil
	})
	expr.Value = parsed.String()
}
