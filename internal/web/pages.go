package web

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

const (
	landingRows = 8
	tableRows   = 200
	maxRows     = 1000
)

// parsePages reads the templates, each together with the layout that all pages share.
func parsePages(prefix string) map[string]*template.Template {
	funcs := template.FuncMap{
		"number": number, "percent": percent, "score": score, "level": level, "seconds": seconds, "exact": exact, "since": since, "mood": mood,
		"known": func(v float64) bool { return !math.IsNaN(v) },
		"link":  func(path string) string { return prefix + path },
	}
	layout := template.Must(template.New("layout.html").Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/parts.html"))
	pages := map[string]*template.Template{}
	names, err := files.ReadDir("templates")
	if err != nil {
		panic(err) // the files are embedded
	}
	for _, file := range names {
		name := file.Name()
		if name != "layout.html" && name != "parts.html" {
			pages[name[:len(name)-len(path.Ext(name))]] = template.Must(template.Must(layout.Clone()).ParseFS(files, "templates/"+name))
		}
	}
	return pages
}

// page is what the layout shows around a page's own content.
type page struct {
	Title    string
	Version  string
	NotReady string // why
	Now      time.Time
	Content  any
}

// Ago is how long ago t was.
func (p page) Ago(t time.Time) string { return ago(p.Now, t) }

// For is how long it has lasted since t.
func (p page) For(t time.Time) string { return duration(max(p.Now.Sub(t), 0)) }

func (s *server) render(w http.ResponseWriter, r *http.Request, name, title string, content any) {
	s.renderStatus(w, r, http.StatusOK, name, title, content)
}

func (s *server) renderStatus(w http.ResponseWriter, r *http.Request, status int, name, title string, content any) {
	p := page{Title: title, Version: s.Version, Now: s.Now(), Content: content}
	if err := s.Ready(); err != nil {
		p.NotReady = err.Error()
	}
	var b bytes.Buffer
	if err := s.pages[name].Execute(&b, p); err != nil {
		s.Log.Error("Rendering a page failed", "page", r.URL.Path, "err", err)
		http.Error(w, "this page cannot be shown; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request, reason, task string) {
	s.renderStatus(w, r, http.StatusNotFound, "missing", "Not found", struct{ Reason, Task string }{reason, task})
}

// mood is the class of a state's mark.
func mood(s models.State) string {
	switch s {
	case models.StateOK:
		return "ok"
	case models.StateAmbiguous, models.StateOverLimit, models.StateFailed:
		return "bad"
	}
	return "warn"
}

// stateCount is how many series of a task are in a state.
type stateCount struct {
	State models.State
	Count int
}

func stateCounts(s *board.Snapshot) []stateCount {
	var out []stateCount
	for state, n := range s.States {
		if n > 0 {
			out = append(out, stateCount{State: models.State(state), Count: n})
		}
	}
	return out
}

// taskView is one task as the pages show it.
type taskView struct {
	*board.Snapshot
	Expr      string
	States    []stateCount
	Anomalous int
}

// OriginTime is the moment that the task's numbers speak of; zero: none yet.
func (t taskView) OriginTime() time.Time {
	if t.Origin == 0 {
		return time.Time{}
	}
	return time.UnixMilli(t.Origin)
}

func (s *server) taskView(snapshot *board.Snapshot) taskView {
	t := taskView{Snapshot: snapshot, States: stateCounts(snapshot)}
	if s.Expr != nil {
		t.Expr = s.Expr(snapshot.Task)
	}
	for i := range snapshot.Series {
		if snapshot.Series[i].Score.Value > 1 {
			t.Anomalous++
		}
	}
	return t
}

func (s *server) landing(w http.ResponseWriter, r *http.Request) {
	snapshots := s.Board.Snapshots()
	content := struct {
		Tasks     []taskView
		Series    int
		Anomalies []row
		Anomalous int
		Soonest   []row
	}{Soonest: soonest(snapshots, landingRows)}
	content.Anomalies, content.Anomalous = anomalies(snapshots, landingRows)
	for _, snapshot := range snapshots {
		content.Tasks = append(content.Tasks, s.taskView(snapshot))
		content.Series += len(snapshot.Series)
	}
	s.render(w, r, "landing", "Overview", content)
}

// tableView is a table of series.
type tableView struct {
	Task     taskView
	Filter   filter
	Rows     []row
	Matching int
	Common   []labels.Label // which all series of the task have
	HasLimit bool
	prefix   string
}

// SortLink is the same table in another order.
func (t tableView) SortLink(order string) string {
	f := t.Filter
	f.Sort = order
	return t.link(f)
}

// StateLink is the same table with the series of one state; "": all.
func (t tableView) StateLink(state string) string {
	f := t.Filter
	f.State = state
	return t.link(f)
}

// MoreLink is the same table as long as it gets; "": it is.
func (t tableView) MoreLink() string {
	if len(t.Rows) == t.Matching || t.Filter.Limit >= maxRows {
		return ""
	}
	f := t.Filter
	f.Limit = maxRows
	return t.link(f)
}

func (t tableView) link(f filter) string {
	q := url.Values{"task": {t.Task.Task}, "sort": {f.Sort}}
	if f.Search != "" {
		q.Set("q", f.Search)
	}
	if f.State != "" {
		q.Set("state", f.State)
	}
	if f.Limit != tableRows {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	return t.prefix + "/tasks?" + q.Encode()
}

// parseFilter reads a filter. What is not understood is as if it weren't there.
func parseFilter(q url.Values) filter {
	f := filter{Search: q.Get("q"), State: q.Get("state"), Sort: q.Get("sort"), Limit: tableRows}
	if !slices.Contains(orders, f.Sort) {
		f.Sort = byScore
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		f.Limit = min(n, maxRows)
	}
	return f
}

func (s *server) task(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("task")
	if name == "" {
		http.Redirect(w, r, s.prefix+"/#tasks", http.StatusFound)
		return
	}
	snapshot := s.Board.Task(name)
	if snapshot == nil {
		s.notFound(w, r, fmt.Sprintf("There is no task %q, or it has not been evaluated yet.", name), "")
		return
	}
	t := tableView{Task: s.taskView(snapshot), Filter: parseFilter(r.URL.Query()), prefix: s.prefix}
	t.HasLimit = snapshot.Column(board.TimeToExhaustion, "0.5") != nil
	t.Rows, t.Matching = t.Filter.choose(snapshot)
	_, t.Common = tellingLabels(snapshot)
	s.render(w, r, "task", name, t)
}
