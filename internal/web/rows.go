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
	Within   string  // the longest time for which there is a probability
	Chance   float64 // of reaching the limit within that time

	telling map[string]bool // labels that tell the task's series apart; nil: all
}

// columns are those of a snapshot that the tables show.
type columns struct {
	value, expected, seconds, chance []float64
	within                           string
	telling                          map[string]bool
}

func columnsOf(s *board.Snapshot) columns {
	c := columns{value: s.Column(board.Observed, ""), expected: s.Column(board.Expected, ""), seconds: s.Column(board.TimeToExhaustion, "0.5")}
	for i := range s.Columns {
		if s.Columns[i].Metric.Name == board.ExhaustionProbability.Name {
			c.chance, c.within = s.Columns[i].Values, s.Columns[i].LabelValue // they are ascending
		}
	}
	return c
}

// searched is how many series are looked at for labels that tell them apart.
const searched = 10_000

// tellingLabels gives the names of the labels that differ between the series of a snapshot, and those that do not. Both
// are nil where there are fewer than two series.
func tellingLabels(s *board.Snapshot) (telling map[string]bool, common []labels.Label) {
	if len(s.Series) < 2 {
		return nil, nil
	}
	telling = map[string]bool{}
	first := s.Series[0].Labels
	for i := 1; i < min(len(s.Series), searched); i++ {
		ls := s.Series[i].Labels
		for _, pair := range [][2]labels.Labels{{first, ls}, {ls, first}} {
			pair[0].Range(func(l labels.Label) {
				if !telling[l.Name] && pair[1].Get(l.Name) != l.Value {
					telling[l.Name] = true
				}
			})
		}
	}
	first.Range(func(l labels.Label) {
		if !telling[l.Name] && l.Name != "task" {
			common = append(common, l)
		}
	})
	return telling, common
}

func (c *columns) row(s *board.Snapshot, i int) row {
	return row{
		telling: c.telling,
		Series:  &s.Series[i], Task: s.Task, index: i, Within: c.within,
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

// Scored tells whether the score means something: there were samples to score.
func (r row) Scored() bool { return r.State.Scored() }

// Name is the series' labels without `task`, as PromQL writes them.
func (r row) Name() string { return r.Labels.MatchLabels(false, "task").String() }

// ShortName is the name without the labels that all series of the task share.
func (r row) ShortName() string {
	if len(r.telling) == 0 {
		return r.Name()
	}
	b := labels.NewScratchBuilder(len(r.telling))
	r.Labels.Range(func(l labels.Label) {
		if r.telling[l.Name] && l.Name != "task" {
			b.Add(l.Name, l.Value)
		}
	})
	return b.Labels().String()
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

// mostWords are looked for; more cost time for each series of the task, and nobody types them.
const mostWords = 20

var orders = []string{byName, byState, byValue, byExpected, byScore, bySeconds}

// choose gives the series of a snapshot that match, the first of them up to the limit, and how many match.
func (f filter) choose(s *board.Snapshot) (rows []row, matching int) {
	c := columnsOf(s)
	c.telling, _ = tellingLabels(s)
	words := strings.Fields(strings.ToLower(f.Search))
	words = words[:min(len(words), mostWords)]
	best := top{order: f.Sort, limit: f.Limit}
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
		matching++
		best.add(c.row(s, i))
	}
	return best.first(), matching
}

// top keeps the first rows of an order, of as many as there are: the memory of a view does not grow with its task.
type top struct {
	order string
	limit int
	rows  []row
}

func (t *top) add(r row) {
	if t.rows = append(t.rows, r); len(t.rows) > 2*t.limit {
		t.first()
	}
}

// first gives the first rows, equal ones in the order in which they were added.
func (t *top) first() []row {
	sortRows(t.rows, t.order)
	t.rows = t.rows[:min(len(t.rows), t.limit)]
	return t.rows
}

// compare gives the order of two rows; equal ones stay in that of the names, which is the snapshot's.
func compare(order string, a, b *row) int {
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
	return 0
}

func sortRows(rows []row, order string) {
	slices.SortStableFunc(rows, func(a, b row) int { return compare(order, &a, &b) })
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

// mostLabels are in a query; no series has more.
const mostLabels = 250

// find gives the series of a snapshot whose labels are those of the query, or else all that have them among theirs. An
// empty value asks for a label to be absent.
func find(s *board.Snapshot, query url.Values) []row {
	if len(query) > mostLabels {
		return nil
	}
	c := columnsOf(s)
	c.telling, _ = tellingLabels(s)
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
			if matches = name == "task" || strings.HasPrefix(name, "-") || ls.Get(name) == values[0]; !matches {
				break
			}
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

// likely is the chance from which on a series is listed among those that run out.
const likely = 0.2

// soonest gives, over all tasks, the series that will probably reach their limit, the first of them first.
func soonest(snapshots []*board.Snapshot, n int) []row {
	best := top{order: bySeconds, limit: n}
	for _, s := range snapshots {
		c := columnsOf(s)
		for i := range s.Series {
			if r := c.row(s, i); r.Seconds < math.Inf(1) && !(r.Chance < likely) {
				best.add(r)
			}
		}
	}
	return shorten(snapshots, best.first())
}

// shorten lets rows know by which labels the series of their tasks differ.
func shorten(snapshots []*board.Snapshot, rows []row) []row {
	for _, s := range snapshots {
		var telling map[string]bool
		for i := range rows {
			if rows[i].Task != s.Task {
				continue
			}
			if telling == nil {
				telling, _ = tellingLabels(s)
			}
			rows[i].telling = telling
		}
	}
	return rows
}

// anomalies gives, over all tasks, the series that are anomalous now, and how many there are.
func anomalies(snapshots []*board.Snapshot, n int) (rows []row, all int) {
	best := top{order: byScore, limit: n}
	for _, s := range snapshots {
		c := columnsOf(s)
		for i := range s.Series {
			if r := c.row(s, i); r.Anomalous() {
				all++
				best.add(r)
			}
		}
	}
	return shorten(snapshots, best.first()), all
}

// since is when the series' present event began; zero: there is none.
func since(s models.Score) time.Time {
	if s.Start == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.Start).UTC()
}
