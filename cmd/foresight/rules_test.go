package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const rulesConfig = `
source: {url: "http://127.0.0.1:1"}
tasks:
  - name: load
    expr: node_load1
    step: 1h
    history: 14d
    horizons: [6h]
    threshold: {above: 108}
    alert: {for: 2h}
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "foresight.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRulesCommand(t *testing.T) {
	config := writeConfig(t, rulesConfig)
	for _, format := range []string{"prometheus", "prometheusrule"} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"rules", "--config.file=" + config, "--output=" + dir, "--format=" + format}
			code, out, errs := invoke(t, append(args, "--check")...)
			require.Equal(t, 1, code)
			require.Contains(t, out, "foresight.alertmanager.yml: missing")
			require.Contains(t, errs, "write it anew")

			code, _, errs = invoke(t, args...)
			require.Equal(t, 0, code, errs)
			code, out, errs = invoke(t, append(args, "--check")...)
			require.Equal(t, 0, code, errs)
			require.Empty(t, out)
		})
	}
	code, _, errs := invoke(t, "rules", "--config.file="+filepath.Join(t.TempDir(), "none.yml"), "--output="+t.TempDir())
	require.Equal(t, 1, code)
	require.Contains(t, errs, "none.yml")
}

func TestBacktestCommand(t *testing.T) {
	config, csv := writeConfig(t, rulesConfig), writeCSV(t, "load.csv", 24*40)
	args := []string{"backtest", "--config.file=" + config, "--since=14d"}
	code, out, errs := invoke(t, append(args, csv)...)
	require.Equal(t, 0, code, errs)
	for _, part := range []string{"Task load: 1 series", "6h ahead", "ForesightThresholdPredicted above", "ForesightAnomaly"} {
		require.Contains(t, out, part)
	}

	code, out, errs = invoke(t, append(args, "--output=json", "--max-alarms-per-week=0.01", csv)...)
	require.Equal(t, 1, code)
	require.Contains(t, errs, `task "load": ForesightThresholdCrossed above: `)
	var reports []struct{ Alerts []struct{ Name string } }
	require.NoError(t, json.Unmarshal([]byte(out), &reports))
	require.Len(t, reports[0].Alerts, 3)

	rule := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(rule, []byte(`groups: [{name: g, rules: [{alert: Mine, expr: foresight_expected > 1000}]}]`), 0o600))
	code, out, errs = invoke(t, append(args, "--compare-rule="+rule+":Mine", csv)...)
	require.Equal(t, 0, code, errs)
	require.Contains(t, out, "Mine (yours)")

	for want, more := range map[string][]string{
		"has no task":               {"--task=none", csv},
		"has no alert":              {"--compare-rule=" + rule + ":None", csv},
		"want FILE:ALERTNAME":       {"--compare-rule=x", csv},
		"two files give a series":   {csv, csv},
		"reading the series":        {"--output=html"},
		fmt.Sprintf("%s.gone", csv): {csv + ".gone"},
	} {
		code, _, errs := invoke(t, append(args, more...)...)
		require.Equal(t, 1, code)
		require.Contains(t, errs, want)
	}
}
