package rules

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/presets"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

// TestPresetsGiveRules: the alerts of every preset, switched on, are rules that promtool takes.
func TestPresetsGiveRules(t *testing.T) {
	promtool := testkit.FindTool(t, "promtool")
	for _, name := range presets.Names() {
		t.Run(name, func(t *testing.T) {
			c, err := config.Parse("foresight.yml", []byte("source: {url: 'http://localhost:9090'}\npresets: [{"+name+": {alerts: true}}]\n"))
			require.NoError(t, err)
			set, err := Generate(c)
			require.NoError(t, err)
			alerting := 0
			for _, task := range c.Tasks {
				if groups := set.RuleGroups(task.Name); len(groups) == 1 && len(groups[0].Rules) > 0 {
					alerting++
				}
			}
			require.NotZero(t, alerting, "no task alerts")
			files, err := set.Files(FormatPrometheus, Header{Version: "1.2.3", From: "foresight.yml"})
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, Write(dir, files))
			testkit.Run(t, "", promtool, "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(dir, "foresight.rules.yml"))
		})
	}
}
