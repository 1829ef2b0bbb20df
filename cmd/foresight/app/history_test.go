package app

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/config"
)

func TestOnly(t *testing.T) {
	for _, c := range []struct {
		name, expr string
		by         []string
		labels     labels.Labels
		want       string
	}{
		{"plain", "up", nil, labels.FromStrings("job", "a", "task", "t"), `(up) and on (job) label_replace(vector(1), "job", "a", "", "")`},
		{"nothing to tell apart", "up", []string{}, labels.FromStrings("job", "a", "task", "t"), `up`},
		{"moved", "up", nil, labels.FromStrings("exported_task", "a", "task", "t"), `(up) and on (task) label_replace(vector(1), "task", "a", "", "")`},
		{"comment", "up # all of them", nil, labels.FromStrings("job", "a"), `(up) and on (job) label_replace(vector(1), "job", "a", "", "")`},
		{
			"odd names and values", "up", nil, labels.FromStrings("service.name", "a\"\n$1\x00"),
			`(up) and on ("service.name") label_replace(vector(1), "service.name", "a\"\n$$1\x00", "", "")`,
		},
	} {
		got, err := parser.NewParser(parser.Options{}).ParseExpr(only(&config.Task{Expr: c.expr, By: c.by}, c.labels))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want, err := parser.NewParser(parser.Options{}).ParseExpr(c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
	}
}
