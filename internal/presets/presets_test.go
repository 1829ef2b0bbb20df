package presets_test

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/presets"
)

// metrics lists the names that an expression selects; each selector has to name one.
func metrics(t *testing.T, expr string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	inspect(t, expr, func(s *parser.VectorSelector) {
		name := ""
		for _, m := range s.LabelMatchers {
			if m.Name == "__name__" && m.Type == labels.MatchEqual {
				name = m.Value
			}
		}
		require.NotEmpty(t, name, "%s in %s has no name", s, expr)
		names[name] = true
	})
	return names
}

// inspect calls each for the selectors of an expression.
func inspect(t *testing.T, expr string, each func(*parser.VectorSelector)) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	require.NoError(t, err, expr)
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			each(s)
		}
		return nil
	})
}

// TestPresets: every expression parses and names exactly the metrics that its task requires or uses; every task says why,
// which signal it is and whose; its owner's labels are those of its series, as far as the expression tells.
func TestPresets(t *testing.T) {
	require.GreaterOrEqual(t, len(presets.Names()), 20)
	for _, name := range presets.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := config.ReadPreset(name)
			require.NoError(t, err)
			require.NotEmpty(t, p.Title)
			require.NotEmpty(t, p.Tried)
			for _, task := range p.Tasks {
				require.NotEmpty(t, task.Why, task.Name)
				require.Contains(t, config.Signals(), task.Signal, task.Name)
				require.NotEmpty(t, task.Owner, task.Name)
				require.NotEmpty(t, task.Requires, task.Name)
				want := map[string]bool{}
				for _, r := range append(append([]string{}, task.Requires...), task.Uses...) {
					for one := range strings.SplitSeq(r, "|") {
						want[one] = true
					}
				}
				got := metrics(t, task.Expr)
				if e := task.Exhaustion; e != nil && e.LimitExpr != "" {
					for name := range metrics(t, e.LimitExpr) {
						got[name] = true
					}
				}
				require.Equal(t, want, got, "metrics of %s", task.Name)
				if a := task.Alert; a != nil {
					require.NotEmpty(t, a.Severity, task.Name)
				}
			}
		})
	}
}

// TestMatchReachesEverySelector: of each preset, by the parser; and alerts are off unless switched on.
func TestMatchReachesEverySelector(t *testing.T) {
	for _, name := range presets.Names() {
		quiet := load(t, "["+name+"]")
		c := load(t, "["+name+": {alerts: true, match: {cluster: eu}}]")
		require.Len(t, c.Tasks, len(quiet.Tasks))
		for i, task := range c.Tasks {
			require.Equal(t, quiet.Tasks[i].Name, task.Name)
			require.Nil(t, quiet.Tasks[i].Alert)
			texts := []string{task.Expr}
			if e := task.Exhaustion; e != nil {
				require.Empty(t, quiet.Tasks[i].Exhaustion.Alerts)
				require.Equal(t, e.Within, quiet.Tasks[i].Exhaustion.Within, "what is exported hangs on no alert")
				if e.LimitExpr != "" {
					texts = append(texts, e.LimitExpr)
				}
			}
			for _, text := range texts {
				inspect(t, text, func(s *parser.VectorSelector) {
					require.Contains(t, s.String(), `cluster="eu"`, task.Name)
				})
			}
		}
	}
}

func load(t *testing.T, uses string) *config.Config {
	t.Helper()
	c, err := config.Parse("foresight.yml", []byte("source: {url: 'http://localhost:9090'}\npresets: "+uses+"\n"))
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	return c
}
