package web

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// answer is the envelope of Prometheus's API.
type answer struct {
	Status    string `json:"status"`
	Data      any    `json:"data,omitempty"`
	ErrorType string `json:"errorType,omitempty"`
	Error     string `json:"error,omitempty"`
}

func (s *server) answer(w http.ResponseWriter, status int, a answer) {
	body, err := json.Marshal(a)
	if err != nil {
		s.Log.Error("Encoding an answer failed", "err", err)
		http.Error(w, "this answer cannot be encoded; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// taskData is one task. Times are RFC 3339, durations as Prometheus writes them.
type taskData struct {
	Task        string         `json:"task"`
	Expr        string         `json:"expr,omitempty"`
	Origin      *time.Time     `json:"origin,omitempty"`
	LastSuccess *time.Time     `json:"lastSuccess,omitempty"`
	Step        string         `json:"step"`
	Level       float64        `json:"level"`
	Horizon     string         `json:"horizon,omitempty"`
	History     string         `json:"history"`
	Outputs     []board.Group  `json:"outputs"`
	Series      int            `json:"series"`
	Anomalous   int            `json:"anomalous"`
	States      map[string]int `json:"states"`
	Missed      uint64         `json:"missedEvaluations"`
	Dropped     int            `json:"droppedSeries"`
	Error       string         `json:"error,omitempty"`
}

func (s *server) apiTasks(w http.ResponseWriter, _ *http.Request) {
	tasks := []taskData{}
	for _, snapshot := range s.Board.Snapshots() {
		v := s.taskView(snapshot)
		t := taskData{
			Task: v.Task, Expr: v.Expr, Origin: timeData(v.OriginTime()), LastSuccess: timeData(v.LastSuccess), Step: exact(v.Step), Level: v.Level,
			History: exact(v.History), Outputs: v.Groups, Series: len(snapshot.Series), Anomalous: v.Anomalous, States: map[string]int{},
			Missed: v.Missed, Dropped: v.Dropped, Error: v.Error,
		}
		if v.Horizon > 0 {
			t.Horizon = exact(v.Horizon)
		}
		for state, n := range snapshot.States {
			t.States[models.State(state).String()] = n
		}
		tasks = append(tasks, t)
	}
	s.answer(w, http.StatusOK, answer{Status: "success", Data: tasks})
}

func timeData(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// seriesData is one series. Numbers are text, as in Prometheus's API, since JSON knows no infinity.
type seriesData struct {
	Labels labels.Labels `json:"labels"`
	State  string        `json:"state"`
	Model  string        `json:"model"`
	Season string        `json:"season"`
	Score  scoreData     `json:"score"`
	Values []valueData   `json:"values"`
	Page   string        `json:"page"`
}

type scoreData struct {
	Value     string     `json:"value"`
	Direction int8       `json:"direction"`
	Part      string     `json:"part"`
	Since     *time.Time `json:"since,omitempty"`
	Text      string     `json:"text"`
}

type valueData struct {
	Metric string            `json:"metric"`
	Labels map[string]string `json:"labels,omitempty"`
	Value  string            `json:"value"`
}

func (s *server) apiSeries(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("task")
	snapshot := s.Board.Task(name)
	if snapshot == nil {
		s.answer(w, http.StatusNotFound, answer{Status: "error", ErrorType: "not_found", Error: fmt.Sprintf("there is no task %q", name)})
		return
	}
	rows, matching := parseFilter(r.URL.Query()).choose(snapshot)
	data := struct {
		Task     string       `json:"task"`
		Origin   *time.Time   `json:"origin,omitempty"`
		Matching int          `json:"matching"`
		Series   []seriesData `json:"series"`
	}{Task: name, Origin: timeData(s.taskView(snapshot).OriginTime()), Matching: matching, Series: []seriesData{}}
	for _, row := range rows {
		data.Series = append(data.Series, s.seriesData(snapshot, row))
	}
	s.answer(w, http.StatusOK, answer{Status: "success", Data: data})
}

func (s *server) seriesData(snapshot *board.Snapshot, r row) seriesData {
	score := r.Series.Score
	d := seriesData{
		Labels: r.Labels, State: r.State.String(), Model: r.Model, Season: r.Season, Page: s.prefix + r.Path(), Values: []valueData{},
		Score: scoreData{Value: floatData(score.Value), Direction: score.Direction, Part: score.Part.String(), Since: timeData(since(score)), Text: explain(score)},
	}
	for k := range snapshot.Columns {
		c := &snapshot.Columns[k]
		v := at(c.Values, r.index)
		if math.IsNaN(v) {
			continue
		}
		value := valueData{Metric: c.Metric.Name, Value: floatData(v)}
		if c.Label != "" {
			value.Labels = map[string]string{c.Label: c.LabelValue}
		}
		d.Values = append(d.Values, value)
	}
	return d
}

func floatData(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
