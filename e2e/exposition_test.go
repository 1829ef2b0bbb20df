package e2e

import (
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// exposition is a parsed scrape.
type exposition map[string]*dto.MetricFamily

func parse(t *testing.T, text string) exposition {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the scrape cannot be parsed: %v\n%s", err, text)
	}
	return families
}

// values gives the values of a family whose labels contain the pairs.
func (e exposition) values(name string, pairs ...string) []float64 {
	var all []float64
	for _, m := range e[name].GetMetric() {
		if !contains(m, pairs) {
			continue
		}
		switch {
		case m.Gauge != nil:
			all = append(all, m.Gauge.GetValue())
		case m.Counter != nil:
			all = append(all, m.Counter.GetValue())
		case m.Untyped != nil:
			all = append(all, m.Untyped.GetValue())
		case m.Histogram != nil:
			all = append(all, m.Histogram.GetSampleSum())
		}
	}
	return all
}

// value gives the one value of a family whose labels contain the pairs; NaN where there is none or more.
func (e exposition) value(name string, pairs ...string) float64 {
	if all := e.values(name, pairs...); len(all) == 1 {
		return all[0]
	}
	return math.NaN()
}

func contains(m *dto.Metric, pairs []string) bool {
	for i := 0; i < len(pairs); i += 2 {
		value := ""
		for _, l := range m.GetLabel() {
			if l.GetName() == pairs[i] {
				value = l.GetValue()
			}
		}
		if value != pairs[i+1] {
			return false
		}
	}
	return true
}
