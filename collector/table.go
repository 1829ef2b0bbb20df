package collector

import (
	"sync"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// table holds the label text of each series of one task, such as `task="disk",device="sda",job="",instance=""`, in one
// piece of memory.
type table struct {
	text []byte
	ends []int // of the series' parts of text
}

// series is the text of series i; empty where another series has the same, so that no line is written twice.
func (t *table) series(i int) []byte {
	if i >= len(t.ends) {
		return nil
	}
	from := 0
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.text[from:t.ends[i]]
}

// tables keeps the tables of the tasks from scrape to scrape, while the labels of their series stay the same.
type tables struct {
	mu    sync.Mutex
	tasks map[string]*taskTables
}

// taskTables are the tables of one task by escaping scheme. Where all label names are plain, the schemes share one.
type taskTables struct {
	labels []labels.Labels // of the series that were rendered; their memory is the snapshots'
	plain  bool
	tables map[model.EscapingScheme]*table
}

// of gives the tables of the snapshots, rendering those that are new or whose labels have changed, and forgets those
// of tasks that are gone.
func (c *tables) of(snapshots []*board.Snapshot, scheme model.EscapingScheme) []*table {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*table, len(snapshots))
	next := make(map[string]*taskTables, len(snapshots))
	for i, s := range snapshots {
		t := c.tasks[s.Task]
		if t == nil || !t.covers(s.Series) {
			t = newTaskTables(s.Series, s.Task)
		}
		next[s.Task] = t
		all[i] = t.table(s.Task, scheme)
	}
	c.tasks = next
	return all
}

func newTaskTables(series []board.Series, task string) *taskTables {
	t := &taskTables{labels: make([]labels.Labels, len(series)), plain: true, tables: map[model.EscapingScheme]*table{}}
	for i := range series {
		t.labels[i] = series[i].Labels
		t.plain = t.plain && simple(series[i].Labels, task)
	}
	return t
}

// covers tells whether the series are those that were rendered. Equal labels mostly share memory, which makes the
// comparison a look at two addresses.
func (t *taskTables) covers(series []board.Series) bool {
	if len(t.labels) != len(series) {
		return false
	}
	for i := range series {
		if !labels.Equal(t.labels[i], series[i].Labels) {
			return false
		}
	}
	return true
}

func (t *taskTables) table(task string, scheme model.EscapingScheme) *table {
	if t.plain {
		scheme = model.NoEscaping
	}
	if t.tables[scheme] == nil {
		t.tables[scheme] = render(t.labels, task, scheme)
	}
	return t.tables[scheme]
}

// simple tells whether labels are exposed as they are, whatever the scheme.
func simple(ls labels.Labels, task string) bool {
	ok := true
	ls.Range(func(l labels.Label) {
		switch l.Name {
		case "task":
			ok = ok && l.Value == task
		case model.MetricNameLabel:
		default:
			ok = ok && plain(l.Name) && !board.OwnLabel(l.Name) && l.Value != "" && utf8.ValidString(l.Value)
		}
	})
	return ok
}

func render(all []labels.Labels, task string, scheme model.EscapingScheme) *table {
	t := &table{ends: make([]int, len(all))}
	first := appendLabel(nil, "task", task)
	renamed := false
	for i, ls := range all {
		if i == 1 {
			// Series of one task are about as long as each other.
			t.text = append(make([]byte, 0, len(t.text)*len(all)*9/8), t.text...)
		}
		if i > 0 && labels.Equal(ls, all[i-1]) {
			t.ends[i] = len(t.text)
			continue
		}
		t.text = append(t.text, first...)
		if simple(ls, task) {
			t.text = appendSeries(t.text, ls)
		} else {
			t.text = appendRenamed(t.text, rename(ls, task, scheme))
			renamed = true
		}
		t.ends[i] = len(t.text)
	}
	if renamed {
		return t.unique()
	}
	return t
}

// appendSeries appends labels that are simple.
func appendSeries(b []byte, ls labels.Labels) []byte {
	ls.Range(func(l labels.Label) {
		if l.Name != "task" && l.Name != model.MetricNameLabel {
			b = appendLabel(append(b, ','), l.Name, l.Value)
		}
	})
	return appendTarget(b, ls.Has("job"), ls.Has("instance"))
}

func appendRenamed(b []byte, all []labels.Label) []byte {
	var job, instance bool
	for _, l := range all {
		b = appendLabel(append(b, ','), l.Name, l.Value)
		job = job || l.Name == "job"
		instance = instance || l.Name == "instance"
	}
	return appendTarget(b, job, instance)
}

// appendTarget appends the labels of a target that a series lacks as empty ones, as /federate does, so that the
// scraping Prometheus does not attach those of Foresight to other people's series.
func appendTarget(b []byte, job, instance bool) []byte {
	if !job {
		b = append(b, `,job=""`...)
	}
	if !instance {
		b = append(b, `,instance=""`...)
	}
	return b
}

// unique empties the text of series that renaming has made equal to an earlier one.
func (t *table) unique() *table {
	seen := make(map[string]bool, len(t.ends))
	kept := &table{text: make([]byte, 0, len(t.text)), ends: make([]int, len(t.ends))}
	for i := range t.ends {
		text := t.series(i)
		if !seen[string(text)] {
			seen[string(text)] = true
			kept.text = append(kept.text, text...)
		}
		kept.ends[i] = len(kept.text)
	}
	return kept
}
