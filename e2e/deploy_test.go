package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/testkit"
	"github.com/foresight-exporter/foresight/rules"
)

// TestComposeFiles has the tools of Prometheus and Alertmanager check the files of deploy/compose, and Foresight's its own.
func TestComposeFiles(t *testing.T) {
	dir := filepath.Join(testkit.Root(), "deploy", "compose")
	promtool := testkit.FindTool(t, "promtool")
	testkit.Run(t, "", promtool, "check", "config", "--lint=all", "--lint-fatal", filepath.Join(dir, "prometheus.yml"))
	testkit.Run(t, "", testkit.FindTool(t, "amtool"), "check-config", filepath.Join(dir, "alertmanager.yml"))

	c, err := config.Load(filepath.Join(dir, "foresight.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Warnings {
		t.Errorf("foresight.yml: %s", w)
	}
	set, err := rules.Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	files, err := set.Files(rules.FormatPrometheus, rules.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if diff, err := rules.Check(filepath.Join(dir, "rules"), files); err != nil || diff != "" {
		t.Errorf("rules: run foresight rules --config.file=foresight.yml --output=rules in deploy/compose: %v\n%s", err, diff)
	}
	tests, err := filepath.Glob(filepath.Join(dir, "rules", "*.test.yml"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("no unit tests of rules: %v", err)
	}
	testkit.Run(t, "", promtool, append([]string{"test", "rules"}, tests...)...)

	// What is written for Alertmanager is in use.
	want := inhibitRules(t, filepath.Join(dir, "rules", "foresight.alertmanager.yml"))
	if got := inhibitRules(t, filepath.Join(dir, "alertmanager.yml")); got != want {
		t.Errorf("alertmanager.yml has not the inhibitions of rules/foresight.alertmanager.yml:\n%s", got)
	}
}

func inhibitRules(t *testing.T, path string) string {
	t.Helper()
	var c struct {
		Rules yaml.Node `yaml:"inhibit_rules"`
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	rules, err := yaml.Marshal(&c.Rules)
	if err != nil || len(rules) < 100 {
		t.Fatalf("%s: no inhibit_rules: %v", path, err)
	}
	return string(rules)
}

// TestCompose runs what deploy/compose describes, without its containers: a real node_exporter, a real Prometheus with
// that configuration, and Foresight with its tasks; only addresses, filters of what this host has, and the pace are
// adapted. Every task finds series, and the rules know no error.
func TestCompose(t *testing.T) {
	dir := filepath.Join(testkit.Root(), "deploy", "compose")
	node, own, alerts := testkit.FreeAddress(t), testkit.FreeAddress(t), testkit.FreeAddress(t)
	startNodeExporter(t, node)
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), adapt(t, filepath.Join(dir, "prometheus.yml"),
		"host.docker.internal:9100", node,
		"foresight:10780", own,
		"alertmanager:9093", alerts,
		"rules/*.rules.yml", filepath.Join(dir, "rules", "*.rules.yml"),
		"scrape_interval: 15s", "scrape_interval: 1s",
		"evaluation_interval: 30s", "evaluation_interval: 2s",
	), nil)
	f := startForesightAt(t, own, adapt(t, filepath.Join(dir, "foresight.yml"),
		"http://prometheus:9090", p.URL,
		"step: 5m", "step: 15s",
		"evaluation_interval: 1m", "evaluation_interval: 2s",
		"history: 28d", "history: 1d",
		"overlay|", "", // a container's own
		`"lo|`, `"`,
	), "")
	f.waitReady(2 * time.Minute)
	for _, task := range []string{"filesystem", "inodes", "memory", "cpu", "network_receive", "network_transmit"} {
		testkit.WaitFor(t, 2*time.Minute, task, func() error {
			return oneSeries(t, p.URL, `sum(foresight_task_series{job="foresight", task="`+task+`"}) > 0`)
		})
	}
	for _, expr := range []string{
		`foresight_source_up == 1`,
		`count(foresight_series_info{job="node", task="memory"}) > 0`,
	} {
		testkit.WaitFor(t, time.Minute, expr, func() error { return oneSeries(t, p.URL, expr) })
	}
	if body := testkit.MustGet(t, p.URL+"/api/v1/rules"); strings.Contains(body, `"health":"err"`) {
		t.Errorf("a rule fails: %s", body)
	}
}

// adapt reads a file and puts each second text in place of the first, which has to be there.
func adapt(t *testing.T, path string, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q", path, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func startNodeExporter(t *testing.T, address string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testkit.FindTool(t, "node_exporter"), "--web.listen-address="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	testkit.WaitStatus(t, time.Minute, "http://"+address+"/metrics", 200)
}

// TestStarters loads the configurations that packages and the chart begin with.
func TestStarters(t *testing.T) {
	root := testkit.Root()
	unit, err := os.ReadFile(filepath.Join(root, "deploy", "systemd", "foresight.yml"))
	if err != nil {
		t.Fatal(err)
	}
	chart, err := os.ReadFile(filepath.Join(root, "deploy", "helm", "foresight", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var values struct{ Config yaml.Node }
	if err := yaml.Unmarshal(chart, &values); err != nil {
		t.Fatal(err)
	}
	if chart, err = yaml.Marshal(&values.Config); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"deploy/systemd/foresight.yml": unit, "values.yaml": chart} {
		c, err := config.Parse(name, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := rules.Generate(c); err != nil || len(c.Warnings) > 0 {
			t.Errorf("%s: %v, warnings %q", name, err, c.Warnings)
		}
	}
}

// TestSystemdUnit has systemd verify the unit and rate its exposure: 0 is none, 10 all.
func TestSystemdUnit(t *testing.T) {
	analyze := testkit.FindSystem(t, "systemd-analyze")
	unit := filepath.Join(t.TempDir(), "foresight.service")
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := adapt(t, filepath.Join(testkit.Root(), "deploy", "systemd", "foresight.service"), "/usr/bin/foresight", executable)
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := testkit.Run(t, "", analyze, "verify", "--man=no", unit); strings.Contains(out, "foresight.service:") {
		t.Errorf("systemd-analyze verify: %s", out)
	}
	out := testkit.Run(t, "", analyze, "security", "--offline=true", "--no-pager", "--threshold=20", unit)
	t.Log(regexp.MustCompile(`Overall exposure level.*`).FindString(out))
}
