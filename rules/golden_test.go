package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var header = rules.Header{Version: "1.2.3", From: "foresight.yml"}

// formats are those that golden files exist of, each in a folder of that name beside its configuration.
var formats = []rules.Format{rules.FormatPrometheus, rules.FormatPrometheusRule}

func eachConfig(t *testing.T, test func(t *testing.T, dir string)) {
	t.Helper()
	configs, err := filepath.Glob("testdata/*/foresight.yml")
	require.NoError(t, err)
	require.NotEmpty(t, configs)
	for _, path := range configs {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) { test(t, dir) })
	}
}

func generate(t *testing.T, dir string, f rules.Format) []rules.File {
	t.Helper()
	c, err := config.Load(filepath.Join(dir, "foresight.yml"))
	require.NoError(t, err)
	s, err := rules.Generate(c)
	require.NoError(t, err)
	files, err := s.Files(f, header)
	require.NoError(t, err)
	return files
}

func TestGolden(t *testing.T) {
	eachConfig(t, func(t *testing.T, dir string) {
		t.Helper()
		for _, f := range formats {
			files := generate(t, dir, f)
			golden := filepath.Join(dir, string(f))
			if *update {
				require.NoError(t, os.RemoveAll(golden))
				require.NoError(t, rules.Write(golden, files))
			}
			diff, err := rules.Check(golden, files)
			require.NoError(t, err)
			require.Empty(t, diff, "go test ./rules -update rewrites the golden files")
			require.Equal(t, files, generate(t, dir, f), "generation is not deterministic")
		}
	})
}

// TestTools has the servers' own tools check the golden files, which TestGolden holds to be what is generated.
func TestTools(t *testing.T) {
	promtool, amtool := testkit.FindTool(t, "promtool"), testkit.FindTool(t, "amtool")
	eachConfig(t, func(t *testing.T, dir string) {
		t.Helper()
		dir = filepath.Join(dir, string(rules.FormatPrometheus))
		testkit.Run(t, "", promtool, "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(dir, "foresight.rules.yml"))
		tests, err := filepath.Glob(filepath.Join(dir, "*.test.yml"))
		require.NoError(t, err)
		require.NotEmpty(t, tests)
		out := testkit.Run(t, "", promtool, append([]string{"test", "rules"}, tests...)...)
		require.Equal(t, len(tests), strings.Count(out, "SUCCESS"), out)
		testkit.Run(t, "", amtool, "check-config", filepath.Join(dir, "foresight.alertmanager.yml"))
	})
}

// TestRoutes asks the example for the receivers of alerts.
func TestRoutes(t *testing.T) {
	amtool := testkit.FindTool(t, "amtool")
	fragment := filepath.Join("testdata", "filesystem", string(rules.FormatPrometheus), "foresight.alertmanager.yml")
	for labels, want := range map[string]string{
		"alertname=ForesightExhaustionPredicted severity=critical": "predictions",
		"alertname=ForesightExhaustionPredicted severity=page":     "pager",
		"alertname=ForesightAnomaly severity=warning":              "predictions",
		"alertname=ForesightLimitReached severity=critical":        "default",
		"alertname=ForesightThresholdCrossed severity=page":        "pager",
		"alertname=ForesightDown severity=warning":                 "default",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + fragment}, strings.Fields(labels)...)
		require.Equal(t, want, strings.TrimSpace(testkit.Run(t, "", amtool, args...)), labels)
	}
}

// TestEveryAlertIsGolden asks that the golden files hold every kind of alert, and that each has been tried.
func TestEveryAlertIsGolden(t *testing.T) {
	var all, tests strings.Builder
	eachConfig(t, func(t *testing.T, dir string) {
		t.Helper()
		for _, f := range generate(t, dir, rules.FormatPrometheus) {
			if strings.HasSuffix(f.Name, ".test.yml") {
				tests.Write(f.Data)
			} else {
				all.Write(f.Data)
			}
		}
	})
	for _, name := range rules.Alerts("Foresight") {
		require.Contains(t, all.String(), "alert: "+name)
		require.Contains(t, tests.String(), "name: "+name)
		require.FileExists(t, filepath.Join(testkit.Root(), "docs", "runbooks", name+".md"))
	}
}
