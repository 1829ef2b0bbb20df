package testkit

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// DashboardQuery is one expression of a Grafana dashboard.
type DashboardQuery struct {
	Where   string // dashboard, panel and refId
	Expr    string
	Instant bool // else over the dashboard's time range
}

// DashboardQueries gives the expressions of a dashboard in Grafana's JSON: of its panels, its annotations and its
// variables (the inner expression of query_result, or the selector of label_values).
func DashboardQueries(t testing.TB, data []byte) []DashboardQuery {
	t.Helper()
	type panel struct {
		Title   string
		Targets []struct {
			Expr, RefID string
			Instant     bool
		}
		Panels []json.RawMessage
	}
	var d struct {
		UID         string
		Panels      []panel
		Annotations struct{ List []struct{ Name, Expr string } }
		Templating  struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	var out []DashboardQuery
	for _, p := range d.Panels {
		if len(p.Panels) > 0 {
			t.Fatalf("%s: panel %q: collapsed rows are not read", d.UID, p.Title)
		}
		for _, q := range p.Targets {
			out = append(out, DashboardQuery{d.UID + ": " + p.Title + ": " + q.RefID, q.Expr, q.Instant})
		}
	}
	for _, a := range d.Annotations.List {
		if a.Expr != "" {
			out = append(out, DashboardQuery{d.UID + ": annotation " + a.Name, a.Expr, false})
		}
	}
	for _, v := range d.Templating.List {
		if m := regexp.MustCompile(`^(?:query_result|label_values)\((.*?)(?:, \w+)?\)$`).FindStringSubmatch(v.Definition); m != nil {
			out = append(out, DashboardQuery{d.UID + ": variable " + v.Name, m[1], true})
		}
	}
	return out
}

// Interpolate puts values in place of a dashboard's variables, as Grafana does; $__rate_interval is 1m. An unknown
// variable is fatal.
func Interpolate(t testing.TB, text string, values map[string]string) string {
	t.Helper()
	return regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?::\w+)?\}`).ReplaceAllStringFunc(text, func(v string) string {
		name, _, _ := strings.Cut(strings.Trim(v, "${}"), ":")
		if name == "__rate_interval" {
			return "1m"
		}
		value, ok := values[name]
		if !ok {
			t.Fatalf("%s: unknown variable %s", text, v)
		}
		return value
	})
}
