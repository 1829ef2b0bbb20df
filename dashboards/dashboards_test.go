package dashboards_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/dashboards"
	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

func files(t *testing.T) []dashboards.File {
	t.Helper()
	all, err := dashboards.Files("")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 5 {
		t.Fatalf("%d dashboards, want 5", len(all))
	}
	return all
}

var example = map[string]string{
	"task": "filesystem", "within": "4d", "horizon": "6h", "series": `task="filesystem", mountpoint="/data"`,
	"job": "foresight", "instance": "localhost:10780", "datasource": "prometheus", "foresight": "http://localhost:10780",
}

// TestExpressions parses every expression and looks up every metric that it names.
func TestExpressions(t *testing.T) {
	documented, err := os.ReadFile(filepath.Join(testkit.Root(), "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	others := regexp.MustCompile(`^(up|ALERTS|scrape_duration_seconds|scrape_samples_scraped|process_cpu_seconds_total|process_resident_memory_bytes|go_goroutines|go_memstats_heap_inuse_bytes)$`)
	p := parser.NewParser(parser.Options{})
	used := map[string]bool{}
	for _, f := range files(t) {
		for _, q := range testkit.DashboardQueries(t, f.Data) {
			expr, err := p.ParseExpr(testkit.Interpolate(t, q.Expr, example))
			if err != nil {
				t.Errorf("%s: %s: %v", q.Where, q.Expr, err)
				continue
			}
			parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
				s, ok := n.(*parser.VectorSelector)
				if !ok {
					return nil
				}
				i := slices.IndexFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == "__name__" && m.Type == labels.MatchEqual })
				if i < 0 {
					t.Errorf("%s: %s selects no metric by name", q.Where, s)
					return nil
				}
				name := s.LabelMatchers[i].Value
				used[name] = true
				family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
				if !others.MatchString(name) && !bytes.Contains(documented, []byte("| `"+family+"` |")) {
					t.Errorf("%s: docs/metrics.md knows no %s", q.Where, name)
				}
				return nil
			})
		}
	}
	for _, m := range slices.Concat(board.SeriesMetrics, board.TaskMetrics) {
		if !used[m.Name] {
			t.Errorf("no dashboard shows %s", m.Name)
		}
	}
}

type dashboard struct {
	UID, Title, Description string
	Tags                    []string
	GraphTooltip            int
	SchemaVersion           int
	Links                   []struct{ Type, URL string }
	Annotations             struct{ List []struct{ Expr string } }
	Templating              struct {
		List []struct{ Name, Type, Label, Description string }
	}
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Datasource               map[string]string
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Targets                  []struct {
			RefID      string
			Datasource map[string]string
		}
	}
}

// TestConventions checks what people and tools rely on in every dashboard.
func TestConventions(t *testing.T) {
	ids, titles := map[string]bool{}, map[string]bool{}
	for _, f := range files(t) {
		var d dashboard
		if err := json.Unmarshal(f.Data, &d); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if d.UID+".json" != f.Name || ids[d.UID] || titles[d.Title] || len(d.UID) > 40 {
			t.Errorf("%s: the uid %q or the title %q is not its own", f.Name, d.UID, d.Title)
		}
		ids[d.UID], titles[d.Title] = true, true
		if d.Description == "" || !slices.Contains(d.Tags, "foresight") || d.GraphTooltip != 1 || d.SchemaVersion != 39 {
			t.Errorf("%s: description, tag, shared crosshair or schema version is missing", f.Name)
		}
		if len(d.Links) != 2 || d.Links[0].Type != "dashboards" || d.Links[1].URL != "${foresight}" {
			t.Errorf("%s: no links to the other dashboards and to the pages: %+v", f.Name, d.Links)
		}
		if n := len(d.Annotations.List); n != 2 || !strings.Contains(d.Annotations.List[1].Expr, `ALERTS{alertstate="firing"`) {
			t.Errorf("%s: no annotations of alerts", f.Name)
		}
		names := map[string]bool{}
		for _, v := range d.Templating.List {
			if names[v.Name] || v.Label == "" || v.Description == "" {
				t.Errorf("%s: variable %q: twice, or without label or description", f.Name, v.Name)
			}
			names[v.Name] = true
		}
		if first := d.Templating.List[0]; first.Name != "datasource" || first.Type != "datasource" {
			t.Errorf("%s: the first variable is %q", f.Name, first.Name)
		}
		// Every variable that is used is there.
		for _, m := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(string(f.Data), -1) {
			if !names[m[1]] && !strings.HasPrefix(m[1], "__") {
				t.Errorf("%s: unknown variable %s", f.Name, m[0])
			}
		}
		// Every dashboard that is linked to is there.
		for _, m := range regexp.MustCompile(`/d/([\w-]+)`).FindAllStringSubmatch(string(f.Data), -1) {
			if _, err := os.Stat(m[1] + ".json"); err != nil {
				t.Errorf("%s: a link to %v", f.Name, err)
			}
		}
		panels := map[int]bool{}
		for _, p := range d.Panels {
			if panels[p.ID] || p.ID < 1 || p.Title == "" {
				t.Errorf("%s: panel %d %q: its id is not its own, or it has no title", f.Name, p.ID, p.Title)
			}
			panels[p.ID] = true
			if p.Type == "row" {
				continue
			}
			if len(p.Description) < 20 || p.FieldConfig.Defaults.Unit == "" || p.Datasource["uid"] != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s: %q lacks a description, a unit, the data source or queries", f.Name, p.Title)
			}
			for i, q := range p.Targets {
				if q.RefID != string(rune('A'+i)) || q.Datasource["uid"] != "${datasource}" {
					t.Errorf("%s: %q: query %d is %+v", f.Name, p.Title, i, q)
				}
			}
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	if err := dashboards.Write(dir, "https://ops.example/foresight/"); err != nil {
		t.Fatal(err)
	}
	for _, f := range files(t) {
		data, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(data) || bytes.Contains(data, []byte("localhost:10780")) ||
			!bytes.Contains(data, []byte(`"query": "https://ops.example/foresight"`)) {
			t.Errorf("%s does not link to the pages at the given URL", f.Name)
		}
	}
	for _, url := range []string{"ops.example", "ftp://ops.example", "://"} {
		if err := dashboards.Write(dir, url); err == nil || !strings.Contains(err.Error(), url) {
			t.Errorf("Write(%q): %v", url, err)
		}
	}
}
