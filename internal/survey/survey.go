// Package survey looks at a source and says which presets fit it: what is there, how many series each task would follow,
// how far the history reaches and what it would cost. Its queries give a few numbers each.
package survey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/presets"
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

const (
	day = 24 * time.Hour

	lookBack     = 28 * day // the default history
	lookStep     = 6 * time.Hour
	leastHistory = day
	// mostMembers bounds the series of the metrics of a task whose expression is tried: more would be a burden.
	mostMembers = 500_000
	// bytesOfSeries and bytesOfProcess are what docs/operations.md measures.
	bytesOfSeries  = 22 << 10
	bytesOfProcess = 50 << 20
)

// Options of a survey.
type Options struct {
	MaxSeries int // of a task
	Now       time.Time
	Progress  func()           // called Questions() times; nil: never
	Tell      func(msg string) // of what could not be asked; nil: nobody
}

// Result is what a survey found.
type Result struct {
	Version          string         `json:"version"`     // of the source; "": it does not tell
	History          model.Duration `json:"history"`     // the longest of the presets, at most 28d
	Presets          []Preset       `json:"presets"`     // in the order of their names
	Tasks            int            `json:"tasks"`       // that are taken
	SeriesRead       int            `json:"series_read"` // by them
	SeriesOut        int            `json:"series_out"`  // that they export
	QueriesPerMinute float64        `json:"queries_per_minute"`
	MemoryBytes      int            `json:"memory_bytes"` // of Foresight, about
}

// Preset is what was found of one preset.
type Preset struct {
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	Found   bool           `json:"found"` // at least one task is taken
	History model.Duration `json:"history,omitempty"`
	Tasks   []Task         `json:"tasks"`
}

// Task is what was found of one task of a preset.
type Task struct {
	Name      string `json:"name"`
	Taken     bool   `json:"taken"`
	Why       string `json:"why,omitempty"` // it is left out
	Series    int    `json:"series"`
	SeriesOut int    `json:"series_out"`

	queries  float64 // a minute
	lookBack time.Duration
}

// Questions is how often a survey reports progress.
func Questions() (n int, err error) {
	for _, name := range presets.Names() {
		p, err := config.ReadPreset(name)
		if err != nil {
			return 0, err
		}
		n += 2 + len(p.Tasks)
	}
	return n, nil
}

// Run asks a source. What of it can't be asked is left out with the reason; an error says that nothing can.
func Run(ctx context.Context, src Source, o Options) (*Result, error) {
	if err := src.Ping(ctx); err != nil {
		return nil, err
	}
	version, err := src.BuildInfo(ctx)
	if err != nil {
		version = "" // some have no such endpoint
	}
	s := &survey{src: src, Options: o, at: o.Now.UnixMilli()}
	r := &Result{Version: version}
	for _, name := range presets.Names() {
		p, err := s.preset(ctx, name)
		if err != nil {
			return nil, err
		}
		r.Presets = append(r.Presets, *p)
		if p.Found {
			r.History = max(r.History, p.History)
		}
		for _, t := range p.Tasks {
			if t.Taken {
				r.Tasks++
				r.SeriesRead += t.Series
				r.SeriesOut += t.Series * t.SeriesOut
				r.QueriesPerMinute += t.queries
			}
		}
	}
	r.MemoryBytes = bytesOfProcess + r.SeriesRead*bytesOfSeries
	return r, nil
}

type survey struct {
	Options
	src Source
	at  int64
}

func (s *survey) step() {
	if s.Progress != nil {
		s.Progress()
	}
}

func (s *survey) preset(ctx context.Context, name string) (*Preset, error) {
	data, err := config.ReadPreset(name)
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(name, []byte("source: {url: 'http://localhost:9090'}\npresets: ["+name+"]\n"))
	if err != nil {
		return nil, err
	}
	p := &Preset{Name: name, Title: data.Title}
	there, err := s.metrics(ctx, data)
	s.step()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var rarest string
	for i, t := range data.Tasks {
		found := Task{
			Name: t.Name, SeriesOut: readout.New(c.Tasks[i], nil).Exported(), lookBack: reach(t.Expr),
			queries: float64(config.Queries(c.Tasks[i])) / time.Duration(c.Tasks[i].EvaluationInterval).Minutes(),
		}
		switch missing := absent(t.Requires, there); {
		case err != nil:
			found.Why = "could not be asked: " + err.Error()
		case len(missing) > 0:
			found.Why = "no data: " + strings.Join(missing, ", ")
		default:
			if err := s.count(ctx, t, there, &found); err != nil {
				return nil, err
			}
		}
		s.step()
		if found.Taken {
			p.Found = true
			for name := range strings.SplitSeq(strings.Join(t.Requires, "|"), "|") {
				if n := there[name]; n > 0 && (rarest == "" || n < there[rarest]) {
					rarest = name
				}
			}
		}
		p.Tasks = append(p.Tasks, found)
	}
	if p.Found {
		if err := s.history(ctx, p, rarest); err != nil {
			return nil, err
		}
	}
	s.step()
	return p, nil
}

// metrics counts the series of the metrics that a preset requires.
func (s *survey) metrics(ctx context.Context, p *config.Preset) (map[string]int, error) {
	names := map[string]bool{}
	for _, t := range p.Tasks {
		for _, r := range t.Requires {
			for name := range strings.SplitSeq(r, "|") {
				names[regexp.QuoteMeta(name)] = true
			}
		}
	}
	expr := "count by (__name__) ({__name__=~" + strconv.Quote(strings.Join(slices.Sorted(maps.Keys(names)), "|")) + "})"
	there := map[string]int{}
	_, err := s.src.Instant(ctx, p.Name, expr, s.at, func(l labels.Labels, v source.Sample) error {
		there[strings.Clone(l.Get("__name__"))] = int(v.V)
		return nil
	})
	return there, err
}

// absent lists what is not there of what is required.
func absent(requires []string, there map[string]int) (missing []string) {
	for _, r := range requires {
		if !slices.ContainsFunc(strings.Split(r, "|"), func(name string) bool { return there[name] > 0 }) {
			missing = append(missing, strings.ReplaceAll(r, "|", " or "))
		}
	}
	return missing
}

// count tells how many series a task would follow, and whether it is taken. The error is that of ctx.
func (s *survey) count(ctx context.Context, t *config.PresetTask, there map[string]int, found *Task) error {
	members := 0
	for _, r := range t.Requires {
		for name := range strings.SplitSeq(r, "|") {
			members += there[name]
		}
	}
	if members > mostMembers {
		found.Why = fmt.Sprintf("too many series: its metrics have %d", members)
		return nil
	}
	_, err := s.src.Instant(ctx, t.Name, "count("+t.Expr+")", s.at, func(_ labels.Labels, v source.Sample) error {
		if !math.IsNaN(v.V) {
			found.Series = int(v.V)
		}
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		found.Why = "could not be asked: " + err.Error()
	case found.Series == 0:
		found.Why = "no data: its expression gives nothing"
	case s.MaxSeries > 0 && found.Series > s.MaxSeries:
		found.Why = fmt.Sprintf("too many series: %d", found.Series)
	default:
		found.Taken = true
	}
	return nil
}

// history finds how far back a metric of the preset reaches, and leaves out tasks that look back further.
func (s *survey) history(ctx context.Context, p *Preset, metric string) error {
	oldest := s.at
	from := s.at - lookBack.Milliseconds()
	_, err := s.src.Range(ctx, p.Name, "count({__name__="+strconv.Quote(metric)+"})", from, s.at, lookStep, func(_ labels.Labels, v []source.Sample) error {
		oldest = min(oldest, v[0].T)
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && s.Tell != nil {
		s.Tell(fmt.Sprintf("the history of %s could not be asked: %v", p.Name, err))
	}
	reaches := time.Duration(s.at-oldest) * time.Millisecond
	if oldest < from+lookStep.Milliseconds() {
		reaches = lookBack
	}
	p.History = model.Duration(reaches.Truncate(time.Hour))
	p.Found = false
	for i := range p.Tasks {
		t := &p.Tasks[i]
		if t.Taken && t.lookBack > max(reaches, lookStep) && t.lookBack > day {
			t.Taken, t.Why = false, fmt.Sprintf("history too short: it looks back %s, and there are %s", model.Duration(t.lookBack), p.History)
		}
		p.Found = p.Found || t.Taken
	}
	return nil
}

// reach is the longest range that an expression looks back over.
func reach(expr string) (longest time.Duration) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return 0
	}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			longest = max(longest, n.Range)
		case *parser.SubqueryExpr:
			longest = max(longest, n.Range)
		}
		return nil
	})
	return longest
}

// ErrNothing says that no preset fits.
var ErrNothing = errors.New("no preset fits what the source has; `foresight check` on a configuration of your own goes on from here")

// Taken reports whether the survey found something to follow.
func (r *Result) Taken() bool { return r.Tasks > 0 }
