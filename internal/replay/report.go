package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what a backtest found out about one task.
type Report struct {
	Task     string     `json:"task"`
	From     time.Time  `json:"from"` // the part of the history that counts
	To       time.Time  `json:"to"`
	Weeks    float64    `json:"weeks"`
	Series   int        `json:"series"`
	Warnings []string   `json:"warnings,omitempty"`
	Accuracy []Accuracy `json:"accuracy"` // by horizon
	Alerts   []Alert    `json:"alerts,omitempty"`
}

// Report sums up what was played and tried.
func (p *Played) Report(alerts []Alert) *Report {
	r := &Report{
		Task: p.Task.Name, Weeks: p.Weeks(), Series: len(p.Series), Warnings: p.Warnings, Accuracy: p.Accuracy, Alerts: alerts,
	}
	if first, last := p.bounds(); first <= last {
		r.From, r.To = time.UnixMilli(p.at(max(first, p.From))).UTC(), time.UnixMilli(p.at(last)).UTC()
	}
	return r
}

// Gate is what the alerts of a report have to keep.
type Gate struct {
	MaxAlarmsPerWeek float64 // of each of Foresight's alerts, over all series; NaN: no matter
	MinPrecision     float64 // of each of Foresight's predictions that was judged; NaN: no matter
}

// Check gives what does not pass, one line each.
func (g Gate) Check(r *Report) []string {
	var out []string
	for _, a := range r.Alerts {
		if a.Existing {
			continue
		}
		if a.Left != "" && a.Left != errNotReplayed.Error() {
			out = append(out, fmt.Sprintf("task %q: %s was not replayed: %s", r.Task, a.title(), a.Left))
		}
		if a.AlarmsPerWeek > g.MaxAlarmsPerWeek {
			out = append(out, fmt.Sprintf("task %q: %s: %.3g alarms a week are more than %g", r.Task, a.title(), a.AlarmsPerWeek, g.MaxAlarmsPerWeek))
		}
		if float64(a.Precision) < g.MinPrecision {
			out = append(out, fmt.Sprintf("task %q: %s: a precision of %.3g is less than %g", r.Task, a.title(), float64(a.Precision), g.MinPrecision))
		}
	}
	return out
}

// title names an alert by what tells it apart from others of its name.
func (a *Alert) title() string {
	t := a.Name
	if w := a.Labels["within"]; w != "" {
		t += " within " + w
	}
	if s := a.Labels["task_threshold"]; s != "" {
		t += " " + s
	}
	if a.Existing {
		t += " (yours)"
	}
	return t
}

// Number is a number that JSON writes as null where it is NaN or infinite.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

func (n Number) text(format string) string {
	if math.IsNaN(float64(n)) {
		return "-"
	}
	return fmt.Sprintf(format, float64(n))
}

// WriteJSON writes reports as one JSON array.
func WriteJSON(w io.Writer, reports []*Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(reports)
}

// WriteTable writes reports for people to read.
func WriteTable(w io.Writer, reports []*Report) error {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := r.table(w); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) table(w io.Writer) error {
	fmt.Fprintf(w, "Task %s: %d series, %s to %s (%.1f weeks)\n", r.Task, r.Series, minute(r.From), minute(r.To), r.Weeks)
	for _, text := range r.Warnings {
		fmt.Fprintf(w, "The source warns: %s\n", text)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nFORECASTS\tNUMBER\tSKILL AGAINST SEASONAL NAIVE\tAGAINST PREDICT_LINEAR\tCOVERAGE\n")
	for _, a := range r.Accuracy {
		fmt.Fprintf(t, "%s ahead\t%d\t%s\t%s\t%s\n", a.Horizon, a.Forecasts, a.Skill.text("%.2f"), a.SkillLinear.text("%.2f"), a.Coverage.text("%.3f"))
	}
	if len(r.Alerts) > 0 {
		fmt.Fprint(t, "\nALERTS\tALARMS\tA WEEK\tHOURS IN ALARM\tCAME TRUE\tFALSE\tLATE\tUNDECIDED\tPRECISION\tMISSED\tLEAD\n")
	}
	for i := range r.Alerts {
		a := &r.Alerts[i]
		if a.Left != "" {
			fmt.Fprintf(t, "%s\tnot replayed: %s\n", a.title(), a.Left)
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%.1f", a.title(), a.Alarms, a.AlarmsPerWeek, a.HoursInAlarm)
		if a.Predicts == TruthNone {
			fmt.Fprint(t, strings.Repeat("\t-", 7)+"\n")
			continue
		}
		fmt.Fprintf(t, "\t%d\t%d\t%d\t%d\t%s\t%d of %d\t%s\n", a.CameTrue, a.False, a.Late, a.Undecided, a.Precision.text("%.2f"),
			a.Missed, a.Events, a.LeadHours.text("%.1f h"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, a := range r.Alerts {
		for _, e := range a.Examples {
			fmt.Fprintf(w, "%s: %s %s to %s %s\n", a.title(), e.Kind, minute(e.Start), minute(e.End), e.Labels)
		}
	}
	return nil
}
