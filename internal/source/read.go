package source

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// Sizes of the slices of a range.
const (
	firstPoints = 8       // a series, in the first slice, which tells how many series there are
	mostPoints  = 8192    // a series; Prometheus refuses more than 11,000
	growth      = 16      // at most, from one slice to the next
	wanted      = 500_000 // samples in a slice
	maxSamples  = 4 * wanted
	maxTimeouts = 3 // in a row
)

// Warnings are what the source had to say beside its answer, and what the client left out, each once.
type Warnings []string

func (w *Warnings) add(a *answer) {
	for _, s := range a.warnings {
		w.once(s)
	}
	if a.histograms > 0 {
		w.once("native histograms have no single value and are left out; use histogram_quantile or histogram_avg")
	}
	if a.nameless > 0 {
		w.once("labels without a name can't be exported and are left out")
	}
	if a.strays > 0 {
		w.once("samples that are out of order or off the grid are left out")
	}
}

func (w *Warnings) once(s string) {
	if len(*w) < maxWarnings && !slices.Contains(*w, s) {
		*w = append(*w, s)
	}
}

// Range evaluates expr at every multiple of step in [from, to] (Unix milliseconds), in slices of time, oldest first.
// each is called for every series of a slice that has samples there, with the labels and the samples in ascending order;
// both are valid during the call only. It is called after a slice has arrived whole, so that what was handed over
// before an error is complete up to the end of a slice. A slice that is too much for the source is halved, down to a
// single moment. The error is an [*Error], that of ctx, or that of each. A scalar is one series without labels.
func (c *Client) Range(
	ctx context.Context, task, expr string, from, to int64, step time.Duration, each func(l labels.Labels, s []Sample) error,
) (Warnings, error) {
	ms := step.Milliseconds()
	if ms <= 0 {
		return nil, fmt.Errorf("task %q: a step of %s cannot be asked for", task, step)
	}
	var warnings Warnings
	sizes := slicer{points: firstPoints, most: mostPoints}
	last := floor(to, ms)
	for next := floor(from+ms-1, ms); next <= last; {
		end := min(last, floor(next, sizes.points*ms)+(sizes.points-1)*ms)
		more, err := c.slice(ctx, task, expr, grid{next, end, ms}, &sizes, each)
		for _, w := range more {
			warnings.once(w)
		}
		if e, ok := errors.AsType[*Error](err); ok {
			if sizes.halve(e.Reason, (end-next)/ms+1) {
				continue
			}
			if e.Reason == ReasonTooLarge {
				e.Err = fmt.Errorf("even a single moment is too much: %w", e.Err)
			}
		}
		if err != nil {
			return warnings, err
		}
		next = end + ms
	}
	return warnings, nil
}

// slice reads one slice and hands it over.
func (c *Client) slice(
	ctx context.Context, task, expr string, g grid, sizes *slicer, each func(labels.Labels, []Sample) error,
) (w Warnings, err error) {
	q := query{
		task: task, expr: expr, path: rangePath, grid: g, maxSamples: c.most,
		asked: fmt.Sprintf("from %s to %s every %s", moment(g.from), moment(g.to), time.Duration(g.step)*time.Millisecond),
		form:  url.Values{"start": {seconds(g.from)}, "end": {seconds(g.to)}, "step": {seconds(g.step)}},
	}
	a := c.answers.get()
	defer c.answers.put(a)
	if err := c.try(ctx, q, a); err != nil {
		return nil, err
	}
	w.add(a)
	sizes.read(len(a.series))
	return w, a.each(each)
}

// Instant evaluates expr at one moment (Unix milliseconds) and calls each for every series, after the answer has arrived
// whole; the labels are valid during the call only. A sample of another moment is left out, with a warning. Errors are as
// those of Range.
func (c *Client) Instant(
	ctx context.Context, task, expr string, at int64, each func(l labels.Labels, s Sample) error,
) (w Warnings, err error) {
	a := c.answers.get()
	defer c.answers.put(a)
	q := query{
		task: task, expr: expr, path: instantPath, asked: "at " + moment(at),
		form: url.Values{"time": {seconds(at)}}, grid: grid{at, at, 1}, maxSamples: c.most,
	}
	if err := c.try(ctx, q, a); err != nil {
		return nil, err
	}
	w.add(a)
	return w, a.each(func(l labels.Labels, s []Sample) error { return each(l, s[len(s)-1]) })
}

// slicer chooses how many points a series the next slice has: a power of two, so that slices of all sizes are aligned.
type slicer struct {
	points   int64
	most     int64 // that the source has not refused
	series   int   // the most in a slice
	timeouts int   // in a row
}

// read notes that a slice was read.
func (s *slicer) read(series int) {
	s.timeouts = 0
	s.series = max(s.series, series)
	s.points = min(s.points*growth, s.most, powerOfTwo(wanted/int64(max(1, s.series))))
}

// halve makes slices smaller after one of so many points failed, and tells whether that can help.
func (s *slicer) halve(reason Reason, points int64) bool {
	switch reason {
	case ReasonTooLarge:
	case ReasonTimeout:
		if s.timeouts++; s.timeouts >= maxTimeouts {
			return false
		}
	default:
		return false
	}
	if points <= 1 {
		return false
	}
	s.most = powerOfTwo(points / 2)
	s.points = s.most
	return true
}

// powerOfTwo gives the largest one that is at most n, at least 1.
func powerOfTwo(n int64) int64 { return 1 << (bits.Len64(uint64(max(1, n))) - 1) }

// floor gives the last multiple of step at or before t.
func floor(t, step int64) int64 {
	m := t % step
	if m < 0 {
		m += step
	}
	return t - m
}

// seconds writes milliseconds as the API reads times and steps.
func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) }

func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z") }
