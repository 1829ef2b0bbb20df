package web

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// row is one series with what the tables show of it. Values that are not known are NaN.
type row struct {
	*board.Series
	Task     string
	index    int // in the snapshot
	Value    float64
	Expected float64
	Seconds  float64 // median time to exhaustion; +Inf: not foreseen
	Within   string  // the shortest time for which there is a probability
	Chance   float64 // of reaching the limit within that time
}

// columns are those of a snapshot that the tables show.
type columns struct {
	value, expected, seconds, chance []float64
	within                           string
}

func columnsOf(s *board.Snapshot) columns {
	c := columns{value: s.Column(board.Observed, ""), expected: s.Column(board.Expected, ""), seconds: s.Column(board.TimeToExhaustion, "0.5")}
	for i := range s.Columns {
		if s.Columns[i].Metric.Name == board.ExhaustionProbability.Name {
			c.chance, c.within = s.Columns[i].Values, s.Columns[i].LabelValue
			break
		}
	}
	return c
}

func (c *columns) row(s *board.Snapshot, i int) row {
	return row{
		Series: &s.Series[i], Task: s.Task, index: i, Within: c.within,
		Value: at(c.value, i), Expected: at(c.expected, i), Seconds: at(c.seconds, i), Chance: at(c.chance, i),
	}
}

func at(values []float64, i int) float64 {
	if i < len(values) {
		return values[i]
	}
	return math.NaN()
}

// Anomalous tells whether the series is above the threshold that its task's promise of false events sets.
func (r row) Anomalous() bool { return r.Score.Value > 1 }

// Scored tells whether the score means something: the series is forecast, or something speaks against it all the same.
func (r row) Scored() bool { return r.State == models.StateOK || r.Score.Value > 0 }

// Name is the series' labels without `task`, as PromQL writes them.
func (r row) Name() string { return seriesName(r.Labels) }

func seriesName(ls labels.Labels) string {
	return ls.MatchLabels(false, "task").String()
}

// Path is that of the series' page, with its query, below the prefix.
func (r row) Path() string { return "/series?" + seriesQuery(r.Task, r.Labels).Encode() }

func seriesQuery(task string, ls labels.Labels) url.Values {
	q := url.Values{"task": {task}}
	ls.Range(func(l labels.Label) {
		if l.Name != "task" {
			q.Set(l.Name, l.Value)
		}
	})
	return q
}

// filter says which series a table shows and in which order.
type filter struct {
	Search string // words, all of which are in the labels, in any case
	State  string // "": any
	Sort   string
	Limit  int
}

// The orders of a table. What matters most comes first.
const (
	byScore    = "score"
	byName     = "name"
	byState    = "state"
	byValue    = "value"
	byExpected = "expected"
	bySeconds  = "exhaustion"
)

var orders = []string{byName, byState, byValue, byExpected, byScore, bySeconds}

// choose gives the series of a snapshot that match, the first of them up to the limit, and how many match.
func (f filter) choose(s *board.Snapshot) (rows []row, matching int) {
	c := columnsOf(s)
	words := strings.Fields(strings.ToLower(f.Search))
	for i := range s.Series {
		if f.State != "" && s.Series[i].State.String() != f.State {
			continue
		}
		if len(words) > 0 {
			name := strings.ToLower(s.Series[i].Labels.String())
			if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) }) {
				continue
			}
		}
		rows = append(rows, c.row(s, i))
	}
	sortRows(rows, f.Sort)
	matching = len(rows)
	return rows[:min(len(rows), f.Limit)], matching
}

func sortRows(rows []row, order string) {
	slices.SortStableFunc(rows, func(a, b row) int {
		switch order {
		case byState:
			return cmp.Compare(a.State, b.State)
		case byValue:
			return descending(a.Value, b.Value)
		case byExpected:
			return descending(a.Expected, b.Expected)
		case byScore:
			return descending(a.Score.Value, b.Score.Value)
		case bySeconds:
			return ascending(a.Seconds, b.Seconds)
		}
		return 0 // the snapshot is in the order of the names
	})
}

// ascending and descending put NaN last.
func ascending(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	}
	return cmp.Compare(a, b)
}

func descending(a, b float64) int {
	if math.IsNaN(a) || math.IsNaN(b) {
		return ascending(a, b)
	}
	return cmp.Compare(b, a)
}

// find gives the series of a snapshot whose labels are those of the query, or else all that have them among theirs. An
// empty value asks for a label to be absent.
func find(s *board.Snapshot, query url.Values) []row {
	c := columnsOf(s)
	want := labels.NewBuilder(labels.EmptyLabels())
	for name, values := range query {
		if name != "task" && !strings.HasPrefix(name, "-") {
			want.Set(name, values[0])
		}
	}
	exact := want.Set("task", s.Task).Labels()
	var rows []row
	for i := range s.Series {
		ls := s.Series[i].Labels
		matches := true
		for name, values := range query {
			matches = matches && (name == "task" || strings.HasPrefix(name, "-") || ls.Get(name) == values[0])
		}
		if !matches {
			continue
		}
		if labels.Equal(ls, exact) {
			return []row{c.row(s, i)}
		}
		rows = append(rows, c.row(s, i))
	}
	return rows
}

// soonest gives, over all tasks, the series that run out first, those over their limit before all.
func soonest(snapshots []*board.Snapshot, n int) []row {
	var rows []row
	for _, s := range snapshots {
		c := columnsOf(s)
		for i := range s.Series {
			if r := c.row(s, i); r.Seconds < math.Inf(1) {
				rows = append(rows, r)
			}
		}
	}
	sortRows(rows, bySeconds)
	return rows[:min(len(rows), n)]
}

// anomalies gives, over all tasks, the series that are anomalous now, and how many there are.
func anomalies(snapshots []*board.Snapshot, n int) (rows []row, all int) {
	for _, s := range snapshots {
		c := columnsOf(s)
		for i := range s.Series {
			if r := c.row(s, i); r.Anomalous() {
				rows = append(rows, r)
			}
		}
	}
	sortRows(rows, byScore)
	return rows[:min(len(rows), n)], len(rows)
}

// since is when the series' present event began; zero: there is none.
func since(s models.Score) time.Time {
	if s.Since == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.Since).UTC()
}
