package config

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// UnmarshalYAML reads "auto", "none" or a list of periods.
func (s *Season) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		var periods []model.Duration
		if err := n.Decode(&periods); err != nil {
			return fmt.Errorf("%s", yamlText(err))
		}
		*s = Season{}
		for _, p := range periods {
			s.Periods = append(s.Periods, time.Duration(p))
		}
		return nil
	}
	switch n.Value {
	case "auto":
		*s = Season{Auto: true}
	case "none":
		*s = Season{}
	default:
		return fmt.Errorf(`want auto, none or a list of periods such as [1d, 7d], have %s`, quoted(n))
	}
	return nil
}

// IsZero keeps the YAML library from leaving the zero Season out: it is none, not the default.
func (s Season) IsZero() bool { return false }

// MarshalYAML writes what UnmarshalYAML reads.
func (s Season) MarshalYAML() (any, error) {
	switch {
	case s.Auto:
		return "auto", nil
	case len(s.Periods) == 0:
		return "none", nil
	}
	periods := make([]model.Duration, len(s.Periods))
	for i, p := range s.Periods {
		periods[i] = model.Duration(p)
	}
	return periods, nil
}
