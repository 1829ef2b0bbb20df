package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/source"
)

// durations are the values of a flag together with how they were typed, since column names carry them as typed.
type durations struct {
	values []time.Duration
	typed  []string
}

func (d *durations) Set(s string) error {
	v, err := model.ParseDuration(s)
	if err != nil {
		return err
	}
	if v <= 0 {
		return fmt.Errorf("%s is not above 0", s)
	}
	d.values, d.typed = append(d.values, time.Duration(v)), append(d.typed, s)
	return nil
}

func (d *durations) String() string     { return strings.Join(d.typed, ",") }
func (d *durations) IsCumulative() bool { return true }

// duration is a flag given at most once, 0 where it is not.
func duration(f *kingpin.FlagClause) *model.Duration {
	d := new(model.Duration)
	f.SetValue(d)
	return d
}

// levels are those of prediction intervals, as typed.
type levels struct {
	values []float64
	typed  []string
}

func (l *levels) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0.2 && v <= 0.99) {
		return fmt.Errorf("the level %s is not between 0.2 and 0.99", s)
	}
	l.values, l.typed = append(l.values, v), append(l.typed, s)
	return nil
}

func (l *levels) String() string     { return strings.Join(l.typed, ",") }
func (l *levels) IsCumulative() bool { return true }

// rows writes CSV to standard output.
type rows struct{ b []byte }

func (r *rows) text(s string) *rows {
	r.sep()
	if strings.ContainsAny(s, ",\"\r\n") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	r.b = append(r.b, s...)
	return r
}

// number writes v; NaN is an empty field.
func (r *rows) number(v float64) *rows {
	r.sep()
	if v == v {
		r.b = strconv.AppendFloat(r.b, v, 'g', -1, 64)
	}
	return r
}

// time writes Unix milliseconds as seconds.
func (r *rows) time(ms int64) *rows {
	r.sep()
	if ms%1000 == 0 {
		r.b = strconv.AppendInt(r.b, ms/1000, 10)
	} else {
		r.b = strconv.AppendFloat(r.b, float64(ms)/1000, 'f', -1, 64)
	}
	return r
}

func (r *rows) sep() {
	if n := len(r.b); n > 0 && r.b[n-1] != '\n' {
		r.b = append(r.b, ',')
	}
}

func (r *rows) end() { r.b = append(r.b, '\n') }

// mostMoments is how many steps rows may span, or a forecast may reach: beyond it a time or the step is likely wrong, and
// the grid would not fit into memory.
const mostMoments = 20_000_000

// checkSpan refuses rows, of which there is one at least, that span more steps than can be worked on.
func checkSpan(s []source.Sample, step time.Duration) error {
	first, last := s[0].T, s[0].T
	for _, r := range s {
		first, last = min(first, r.T), max(last, r.T)
	}
	if n := (last - first) / step.Milliseconds(); n > mostMoments {
		return fmt.Errorf("the rows from %d to %d span %d steps of %s: is a time wrong, or --step?", first/1000, last/1000, n, step)
	}
	return nil
}

// each works on all series with all cores and writes the rows in their order. The first error ends it.
func (all *offlineSeries) each(out io.Writer, work func(name string, s []source.Sample, out *rows) error) error {
	w := bufio.NewWriterSize(out, 1<<16)
	type result struct {
		rows rows
		err  error
	}
	results := make([]chan *result, all.n)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range results {
		results[i] = make(chan *result, 1)
	}
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		for i := range results {
			select {
			case slots <- struct{}{}:
			case <-quit:
				return
			}
			go func() {
				r := new(result)
				name, s, err := all.load(i)
				if err == nil {
					if err = work(name, s, &r.rows); err != nil {
						err = fmt.Errorf("%s: %w", all.where(i), err)
					}
				}
				r.err = err
				results[i] <- r
			}()
		}
	}()
	bar := newProgress(os.Stderr, "series", all.n)
	defer bar.done()
	for i := range results {
		r := <-results[i]
		<-slots
		if r.err != nil {
			return r.err
		}
		if _, err := w.Write(r.rows.b); err != nil {
			return err
		}
		bar.step()
	}
	return w.Flush()
}
