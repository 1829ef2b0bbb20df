package collector

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

const (
	bufferSize = 64 << 10
	flushAt    = bufferSize - 8<<10 // leaves room for a long line without growing the buffer
)

// writer appends lines to a buffer and hands it on when it is full. After the first error of out it drops everything.
type writer struct {
	out         io.Writer
	buf         []byte
	err         error
	openMetrics bool
}

func (w *writer) reset(out io.Writer, openMetrics bool) {
	*w = writer{out: out, buf: w.buf[:0], openMetrics: openMetrics}
}

// Write is for the encoder of client_golang's families.
func (w *writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	w.flushFull()
	return len(p), w.err
}

func (w *writer) flush() {
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

func (w *writer) flushFull() {
	if len(w.buf) > flushAt {
		w.flush()
	}
}

// board writes each family of the board once, over all tasks. texts are the tables of the snapshots.
func (w *writer) board(snapshots []*board.Snapshot, texts []*table, scheme model.EscapingScheme) {
	for _, m := range board.SeriesMetrics {
		f := family{writer: w, metric: m}
		for i, s := range snapshots {
			if m.Name == board.SeriesInfo.Name {
				f.info(s, texts[i])
				continue
			}
			for k := range s.Columns {
				if s.Columns[k].Metric.Name == m.Name && !s.Columns[k].Hidden {
					f.column(&s.Columns[k], texts[i])
				}
			}
		}
	}
	for _, m := range board.TaskMetrics {
		f := family{writer: w, metric: m}
		for _, s := range snapshots {
			f.task(s, scheme)
		}
	}
}

// family writes the lines of one metric family, and its head before the first of them.
type family struct {
	*writer
	metric  board.Metric
	started bool
}

func (f *family) start() {
	if f.started {
		return
	}
	f.started = true
	name := f.metric.Name
	kind := "gauge"
	if f.metric.Counter {
		kind = "counter"
		if f.openMetrics {
			name = strings.TrimSuffix(name, "_total")
		}
	}
	f.buf = append(append(append(f.buf, "# HELP "...), name...), ' ')
	f.buf = append(append(f.buf, f.metric.Help...), '\n') // nothing in it needs escaping, which a test holds
	f.buf = append(append(append(append(append(f.buf, "# TYPE "...), name...), ' '), kind...), '\n')
}

// column writes the values that are not NaN, those of series that have no text (see table) excepted.
func (f *family) column(c *board.Column, t *table) {
	var own []byte
	if c.Label != "" {
		own = append(appendLabel([]byte{','}, c.Label, c.LabelValue), "} "...)
	} else {
		own = []byte("} ")
	}
	for i, v := range c.Values {
		text := t.series(i)
		if math.IsNaN(v) || len(text) == 0 {
			continue
		}
		f.start()
		f.buf = append(append(f.buf, f.metric.Name...), '{')
		f.buf = append(append(f.buf, text...), own...)
		f.value(v)
	}
}

func (f *family) info(s *board.Snapshot, t *table) {
	if !slices.Contains(s.Groups, board.GroupInfo) {
		return
	}
	for i := range s.Series {
		text := t.series(i)
		if len(text) == 0 {
			continue
		}
		f.start()
		f.buf = append(append(f.buf, f.metric.Name...), '{')
		f.buf = append(append(f.buf, text...), ',')
		f.buf = append(appendLabel(f.buf, "model", s.Series[i].Model), ',')
		f.buf = append(appendLabel(f.buf, "season", s.Series[i].Season), ',')
		f.buf = append(appendLabel(f.buf, "state", s.Series[i].State.String()), "} "...)
		f.value(1)
	}
}

// task writes what the family says of a whole task or its groups.
func (f *family) task(s *board.Snapshot, scheme model.EscapingScheme) {
	switch f.metric.Name {
	case board.TaskSeries.Name:
		for state, n := range s.States {
			f.open(s.Task)
			f.buf = append(appendLabel(append(f.buf, ','), "state", models.State(state).String()), "} "...)
			f.value(float64(n))
		}
	case board.TaskOrigin.Name:
		if s.Origin != 0 {
			f.ofTask(s.Task, float64(s.Origin)/1000)
		}
	case board.TaskLastSuccess.Name:
		var v float64
		if !s.LastSuccess.IsZero() {
			v = float64(s.LastSuccess.UnixMilli()) / 1000
		}
		f.ofTask(s.Task, v)
	case board.TaskMissedEvaluations.Name:
		f.ofTask(s.Task, float64(s.Missed))
	case board.TaskDroppedSeries.Name:
		f.ofTask(s.Task, float64(s.Dropped))
	default:
		f.rows(s, scheme)
	}
}

func (f *family) open(task string) {
	f.start()
	f.buf = append(append(f.buf, f.metric.Name...), '{')
	f.buf = appendLabel(f.buf, "task", task)
}

func (f *family) ofTask(task string, v float64) {
	f.open(task)
	f.buf = append(f.buf, "} "...)
	f.value(v)
}

// rows writes the family's rows of a snapshot. What is said of a group is said of other people's series, as that of a
// single series is, so it carries an empty job and instance too.
func (f *family) rows(s *board.Snapshot, scheme model.EscapingScheme) {
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Metric.Name != f.metric.Name || math.IsNaN(row.Value) {
			continue
		}
		f.open(s.Task)
		ofGroup := f.metric.Name == board.AnomalousSeriesRatio.Name
		f.buf = appendRowLabels(f.buf, row.Labels, scheme, ofGroup)
		f.buf = append(f.buf, "} "...)
		f.value(row.Value)
	}
}

func appendRowLabels(b []byte, ls labels.Labels, scheme model.EscapingScheme, ofGroup bool) []byte {
	var job, instance bool
	ls.Range(func(l labels.Label) {
		switch l.Name {
		case "task", model.MetricNameLabel:
			return
		case "job":
			job = true
		case "instance":
			instance = true
		}
		b = append(b, ',')
		b = appendLabel(b, escapedName(l.Name, scheme), l.Value)
	})
	if ofGroup && !job {
		b = append(b, `,job=""`...)
	}
	if ofGroup && !instance {
		b = append(b, `,instance=""`...)
	}
	return b
}

// value ends a line.
func (f *family) value(v float64) {
	f.buf = append(appendValue(f.buf, v), '\n')
	f.flushFull()
}

// appendValue appends the shortest text that reads back as v, without an exponent where people know the number by sight.
func appendValue(b []byte, v float64) []byte {
	magnitude := math.Abs(v)
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case magnitude < 1e15 && v == math.Trunc(v):
		return strconv.AppendInt(b, int64(v), 10)
	case magnitude >= 1e-3 && magnitude < 1e15:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
