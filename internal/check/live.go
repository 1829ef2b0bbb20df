package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/readout"
	"github.com/foresight-exporter/foresight/internal/source"
)

// Source is what is asked; [source.Client] is one.
type Source interface {
	Range(ctx context.Context, task, expr string, from, to int64, step time.Duration, each func(labels.Labels, []source.Sample) error) (source.Warnings, error)
	Instant(ctx context.Context, task, expr string, at int64, each func(labels.Labels, source.Sample) error) (source.Warnings, error)
	Ping(ctx context.Context) error
	BuildInfo(ctx context.Context) (version string, err error)
}

// Live asks the source what the tasks' expressions and limits return, now and over a coarse history, and writes what
// that means in one table: how many series, which are not forecast and why, what goes out. progress is called after each
// task. It tells how many errors there are: what keeps a task from working at all.
func Live(ctx context.Context, w io.Writer, c *config.Config, src Source, now time.Time, progress func()) (errs int) {
	if err := src.Ping(ctx); err != nil {
		fmt.Fprintf(w, "\nthe source does not answer\n  error     %v\n", err)
		return 1
	}
	version, err := src.BuildInfo(ctx)
	if err != nil || version == "" {
		version = "unknown"
	}
	total := 0
	var all []finding
	for _, t := range c.Tasks {
		l := &live{ctx: ctx, src: src, version: version, task: t, by: identity.Labels(t.By, t.GroupBy), finding: finding{row: row{task: t.Name}}}
		step := time.Duration(t.Step).Milliseconds()
		l.origin = now.Add(-time.Duration(*t.QueryOffset)).UnixMilli()
		l.origin -= l.origin % step
		l.run()
		errs += l.errors
		total += l.exported
		all = append(all, l.finding)
		progress()
	}
	fmt.Fprintf(w, "\nthe source answers, version %s\n\n", version)
	tell(w, all)
	fmt.Fprintf(w, "\nall tasks export %s now", count(total, "series"))
	if limit := c.ExportedSeriesLimit; limit > 0 && total > limit {
		fmt.Fprintf(w, "\n  warning   exported_series_limit is %d: %d series are refused, the last of the tasks that come last", limit, total-limit)
	}
	fmt.Fprintln(w)
	return errs
}

// live is the check of one task.
type live struct {
	finding
	ctx     context.Context
	src     Source
	task    *config.Task
	by      []string // what makes an identity
	version string   // of the source
	origin  int64

	identities map[string]*one
	errors     int
	exported   int
}

// one is what is one series for the task.
type one struct {
	labels  labels.Labels // of one member
	members int           // alive now
}

func (l *live) note(kind, format string, args ...any) {
	if n := (note{kind, fmt.Sprintf(format, args...)}); !slices.Contains(l.notes, n) {
		l.notes = append(l.notes, n)
	}
}

func (l *live) fail(err error) {
	l.errors++
	l.note("error", "%v", err)
}

func (l *live) run() {
	if err := l.readNow(); err != nil {
		l.fail(err)
		return
	}
	if len(l.identities) == 0 {
		l.fail(errors.New("there is no series now; look at the names and labels in the expression"))
	}
	kept := len(l.identities) - l.checkAmbiguity()
	l.checkLabels()
	l.checkLimits()
	if limit := l.task.SeriesLimit; limit > 0 && kept > limit {
		l.note("warning", "series_limit is %d: %s left out", limit, count(kept-limit, "series"))
		kept = limit
	}
	l.exported = kept * readout.New(l.task, nil).Exported()
	l.out = strconv.Itoa(l.exported)
	if err := l.checkHistory(); err != nil {
		l.fail(err)
	}
}

// readNow notes the identities of the series that are there now.
func (l *live) readNow() error {
	l.identities = map[string]*one{}
	all, odd := 0, 0
	w, err := l.src.Instant(l.ctx, l.task.Name, l.task.Expr, l.origin, func(ls labels.Labels, s source.Sample) error {
		all++
		if math.IsNaN(s.V) || math.IsInf(s.V, 0) {
			odd++
		}
		key := l.identity(ls)
		id := l.identities[key]
		if id == nil {
			id = &one{labels: ls.Copy()}
			l.identities[key] = id
		}
		id.members++
		return nil
	})
	l.warn(w)
	if err != nil {
		return err
	}
	l.series = strconv.Itoa(all)
	if odd > 0 {
		l.note("warning", "%s now NaN or infinite, which is a missing sample", count(odd, "series"))
	}
	return nil
}

func (l *live) warn(w source.Warnings) {
	for _, s := range w {
		l.note("warning", "the source says: %s", s)
	}
}

func (l *live) identity(ls labels.Labels) string { return string(identity.Key(nil, l.by, ls)) }

// checkAmbiguity tells how many identities are shared by several series.
func (l *live) checkAmbiguity() (n int) {
	var example *one
	for _, id := range l.sorted() {
		if id.members > 1 {
			n++
			if example == nil {
				example = id
			}
		}
	}
	if n == 0 {
		return 0
	}
	what := "with only the metric name to tell them apart"
	if l.task.By != nil {
		what = "that by does not tell apart"
	}
	l.note("warning", "ambiguous: %s of several series %s, such as the %d like %s; they are not exported",
		count(n, "identity"), what, example.members, example.labels)
	return n
}

// checkLabels looks for labels that the configuration names and no series has, and for those that Foresight moves.
func (l *live) checkLabels() {
	if len(l.identities) == 0 {
		return
	}
	have := map[string]bool{}
	for _, id := range l.identities {
		id.labels.Range(func(label labels.Label) { have[label.Name] = true })
	}
	unknown := func(field string, names []string) {
		for _, name := range names {
			if !have[name] {
				l.note("warning", "%s: no series has the label %s", field, name)
				if strings.HasPrefix(l.version, "2.") && !model.LegacyValidation.IsValidLabelName(name) {
					l.note("warning", "version %s of the source knows no such name; from 3.0 on Prometheus does", l.version)
				}
			}
		}
	}
	unknown("by", l.task.By)
	unknown("group_by", l.task.GroupBy)
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if moved := board.ExportedLabels("", labels.FromStrings(name, "x")); !slices.Contains(board.Reserved, name) && moved.Get(name) != "x" {
			l.note("warning", "the label %s is Foresight's own: that of the source is exported as exported_%s", name, name)
		}
	}
}

// sorted gives the identities by their labels.
func (l *live) sorted() []*one {
	all := slices.Collect(maps.Values(l.identities))
	slices.SortFunc(all, func(a, b *one) int { return labels.Compare(a.labels, b.labels) })
	return all
}
