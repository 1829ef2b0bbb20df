package futureapi

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
)

// origin of the fake board, and a now somewhat later.
var (
	origin = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	now    = origin.Add(90 * time.Second)
)

// line is an Ahead: a straight line through 0 at the origin, one up an hour, with edges 2 below and 3 above; times
// in gaps are unknown.
type line struct {
	origin, history, horizon int64
	gap                      [2]int64
	asked                    *int // how often, where not nil
}

func at(t int64) float64 { return float64(t-origin.UnixMilli()) / float64(hour) }

func (l line) Curve(dst []board.Point, from, to int64, step time.Duration) ([]board.Point, int64) {
	if l.asked != nil {
		*l.asked++
	}
	s := step.Milliseconds()
	for t := (max(from, l.origin-l.history) + s - 1) / s * s; t <= min(to, l.origin+l.horizon); t += s {
		if t < l.gap[0] || t >= l.gap[1] {
			v := at(t)
			dst = append(dst, board.Point{T: t, Interval: models.Interval{Mean: v, Lower: v - 2, Upper: v + 3}})
		}
	}
	return dst, l.origin
}

// snapshot gives a task of series whose labels are given, all of them lines.
func snapshot(task string, step time.Duration, series ...labels.Labels) *board.Snapshot {
	s := &board.Snapshot{
		Task: task, Origin: origin.UnixMilli(), Step: step, Level: 0.95,
		Horizon: 7 * 24 * time.Hour, History: 28 * 24 * time.Hour, LastSuccess: now,
		Groups: []board.Group{board.GroupExpected, board.GroupAnomaly, board.GroupForecast, board.GroupInfo},
	}
	for _, ls := range series {
		s.Series = append(s.Series, board.Series{
			Labels: withTask(ls, task), State: models.StateOK, Model: "card", Season: "1d,7d",
			Ahead: line{origin: s.Origin, history: 28 * day, horizon: 7 * day},
		})
	}
	s.States[models.StateOK] = len(series)
	column := func(m board.Metric, label, value string, v float64) {
		values := make([]float64, len(series))
		for i := range values {
			values[i] = v + float64(i)
		}
		s.Columns = append(s.Columns, board.Column{Metric: m, Label: label, LabelValue: value, Values: values})
	}
	column(board.Expected, "", "", -1000) // never answered: curves are
	column(board.AnomalyScore, "", "", 0.5)
	column(board.Forecast, "horizon", "6h", 6)
	column(board.Forecast, "horizon", "1d", 24)
	column(board.TimeToExhaustion, "probability", "0.5", math.Inf(1))
	s.Columns = append(s.Columns, board.Column{Metric: board.Observed, Values: make([]float64, len(series)), Hidden: true})
	s.Rows = append(s.Rows, board.Row{Metric: board.TaskSkill, Labels: labels.FromStrings("horizon", "6h", "task", task), Value: 0.25})
	return s
}

// withTask gives labels as the engine publishes them: job and instance always, empty where the source has none.
func withTask(ls labels.Labels, task string) labels.Labels {
	all := map[string]string{"job": "", "instance": "", "task": task}
	ls.Range(func(l labels.Label) { all[l.Name] = l.Value })
	pairs := make([]labels.Label, 0, len(all))
	for n, v := range all {
		pairs = append(pairs, labels.Label{Name: n, Value: v})
	}
	return labels.New(pairs...)
}

func testBoard() *board.Board {
	b := new(board.Board)
	cpu := snapshot(
		"cpu", 5*time.Minute,
		labels.FromStrings("job", "node", "instance", "a:9100", "mode", "user"),
		labels.FromStrings("job", "node", "instance", "b:9100", "mode", "user"),
	)
	cpu.Series = append(cpu.Series, board.Series{
		Labels: withTask(labels.FromStrings("job", "node", "instance", "c:9100", "mode", "user"), "cpu"), State: models.StateTooShort, Model: "none", Season: "none",
	})
	for i := range cpu.Columns {
		cpu.Columns[i].Values = append(cpu.Columns[i].Values, math.NaN())
	}
	b.Publish(cpu)
	b.Publish(snapshot("traffic", time.Minute, labels.FromStrings("service.name", "shop", "zone", "eu")))
	b.Publish(snapshot("slow", time.Hour, labels.FromStrings("mode", "user")))
	b.Publish(&board.Snapshot{Task: "young", Step: time.Minute, Horizon: time.Hour, History: time.Hour})
	return b
}

func handler(t testing.TB, b *board.Board, change func(*Options)) http.Handler {
	t.Helper()
	o := Options{Now: func() time.Time { return now }}
	if change != nil {
		change(&o)
	}
	h, err := New(b, o)
	require.NoError(t, err)
	return h
}
