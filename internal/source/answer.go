package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"github.com/prometheus/prometheus/model/labels"
)

// Bounds of the messages kept of an answer.
const (
	maxWarnings    = 20
	maxWarningText = 500
)

// errTooLarge ends the reading of an answer that holds more than was reckoned with.
var errTooLarge = errors.New("the answer is too large")

// Bounds of what is kept of one answer, beside the bound on its samples: a few hundred thousand series with long labels
// are within them, and the queries that run at a time can't fill the memory together.
const (
	maxLabels     = 256       // of one series
	maxLabelBytes = 128 << 20 // of all series
)

// answer is what one query gave, compactly: a slice is held whole before any of it is handed on.
type answer struct {
	grid       grid
	maxSamples int // 0: no bound

	status, errorType, errorText string
	resultType                   string
	warnings                     []string

	series  []seriesRef
	labels  []byte // of all series: length and bytes of each name and value
	samples []Sample

	histograms int // series of native histograms, without a single value
	strays     int // samples out of order or off the grid
	nameless   int // labels without a name, which nothing can export
}

// seriesRef says where the labels and samples of a series lie.
type seriesRef struct{ labelsFrom, labelsTo, from, to int }

// grid is where samples were asked for: the multiples of step in [from, to]; step 0: anywhere.
type grid struct{ from, to, step int64 }

func (g grid) holds(t int64) bool {
	return g.step == 0 || t >= g.from && t <= g.to && (t-g.from)%g.step == 0
}

// reset empties the answer but keeps its memory.
func (a *answer) reset(g grid, maxSamples int) {
	*a = answer{grid: g, maxSamples: maxSamples, series: a.series[:0], labels: a.labels[:0], samples: a.samples[:0]}
}

// decode reads an answer of the query API, its fields in any order. After an error the answer is not to be used.
func (a *answer) decode(s *scanner) error {
	seen := fields{}
	var scalar func() error
	err := s.object(func(name []byte) error {
		switch field := string(name); field {
		case "status", "errorType", "error", "data":
			if err := seen.once(field); err != nil {
				return err
			}
			if isNull, err := s.null(); isNull {
				return err
			}
			switch field {
			case "status":
				return s.textInto(&a.status)
			case "errorType":
				return s.textInto(&a.errorType)
			case "error":
				return s.textInto(&a.errorText)
			}
			var err error
			scalar, err = a.data(s)
			return err
		case "warnings", "infos":
			if isNull, err := s.null(); isNull {
				return err
			}
			return s.array(func() error {
				var text string
				if err := s.textInto(&text); err != nil {
					return err
				}
				a.warn(text)
				return nil
			})
		}
		return s.skip(0)
	})
	if err != nil {
		return err
	}
	if s.peek(); s.pos < s.end {
		return s.syntax("nothing more")
	}
	if !errors.Is(s.err, io.EOF) {
		return s.failed()
	}
	if scalar != nil && a.status == "success" {
		return scalar()
	}
	return nil
}

// data reads the field of that name. Of a scalar or a string, whose type may come later, it returns how to take it.
func (a *answer) data(s *scanner) (finish func() error, err error) {
	seen := fields{}
	err = s.object(func(name []byte) error {
		field := string(name)
		if field != "resultType" && field != "result" {
			return s.skip(0)
		}
		if err := seen.once(field); err != nil {
			return err
		}
		if isNull, err := s.null(); isNull {
			return err
		}
		if field == "resultType" {
			return s.textInto(&a.resultType)
		}
		finish, err = a.result(s)
		return err
	})
	return finish, err
}

func (a *answer) result(s *scanner) (finish func() error, err error) {
	if err := s.take('['); err != nil {
		return nil, err
	}
	if c := s.peek(); c == ']' || c == '{' {
		return nil, s.elements(']', func() error { return a.one(s) })
	}
	return a.scalar(s)
}

// scalar reads the rest of [<seconds>,"<value>"].
func (a *answer) scalar(s *scanner) (finish func() error, err error) {
	t, b, err := s.moment()
	if err != nil {
		return nil, err
	}
	written := string(b)
	return func() error {
		switch a.resultType {
		case "string":
			return nil
		case "scalar":
			v, err := parseValue([]byte(written))
			if err != nil {
				return err
			}
			a.samples = append(a.samples, Sample{t, v})
			a.series = append(a.series, seriesRef{to: len(a.samples)})
			return nil
		}
		return fmt.Errorf("%w: a %s that is one value", errRefused, a.resultType)
	}, nil
}

// one reads a series.
func (a *answer) one(s *scanner) error {
	ref := seriesRef{labelsFrom: len(a.labels), labelsTo: len(a.labels), from: len(a.samples)}
	seen := fields{}
	histogram := false
	err := s.object(func(name []byte) error {
		field := string(name)
		switch field {
		case "metric", "value", "values":
			if err := seen.once(field); err != nil {
				return err
			}
		case "histogram", "histograms":
			histogram = true
			return s.skip(0)
		default:
			return s.skip(0)
		}
		switch field {
		case "metric":
			err := a.metric(s, len(a.labels))
			ref.labelsTo = len(a.labels)
			return err
		case "value":
			return a.sample(s, ref.from)
		}
		return s.array(func() error { return a.sample(s, ref.from) })
	})
	if err != nil {
		return err
	}
	if histogram {
		a.histograms++
	}
	ref.to = len(a.samples)
	if ref.to > ref.from {
		a.series = append(a.series, ref)
	} else {
		a.labels = a.labels[:ref.labelsFrom]
	}
	return nil
}

func (a *answer) sample(s *scanner, first int) error {
	p, err := s.pair()
	if err != nil {
		return err
	}
	if n := len(a.samples); n > first && p.T <= a.samples[n-1].T || !a.grid.holds(p.T) {
		a.strays++
		return a.bounded(a.strays - 1)
	}
	if err := a.bounded(len(a.samples)); err != nil {
		return err
	}
	a.samples = append(a.samples, p)
	return nil
}

// bounded returns an error where there are too many samples, or too many that are left out, for another one.
func (a *answer) bounded(n int) error {
	if a.maxSamples > 0 && n >= a.maxSamples {
		return fmt.Errorf("%w: more than %d samples at once", errTooLarge, a.maxSamples)
	}
	return nil
}

// metric reads labels to the end of a.labels; from is where those of this series begin.
func (a *answer) metric(s *scanner, from int) error {
	n := 0
	return s.object(func(name []byte) error {
		if n++; n > maxLabels {
			return fmt.Errorf("%w: a series of more than %d labels", errTooLarge, maxLabels)
		}
		if len(name) == 0 {
			a.nameless++
			return s.skip(0)
		}
		if repeated(a.labels[from:], name) {
			return fmt.Errorf("%w: the label %q is there twice", errRefused, name)
		}
		a.labels = appendText(a.labels, name)
		if s.peek() != '"' {
			if err := s.skip(0); err != nil {
				return err
			}
			return fmt.Errorf("%w: a label whose value is not text", errRefused)
		}
		value, err := s.string()
		if err != nil {
			return err
		}
		a.labels = appendText(a.labels, value)
		if len(a.labels) > maxLabelBytes {
			return fmt.Errorf("%w: more than %d MiB of labels", errTooLarge, maxLabelBytes>>20)
		}
		return nil
	})
}

func appendText(b, text []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// text cuts the first text off b.
func text(b []byte) (text, rest []byte) {
	n, k := binary.Uvarint(b)
	return b[k : k+int(n)], b[k+int(n):]
}

func repeated(b, name []byte) bool {
	var have []byte
	for len(b) > 0 {
		if have, b = text(b); bytes.Equal(have, name) {
			return true
		}
		_, b = text(b)
	}
	return false
}

func (a *answer) warn(text string) {
	if len(text) > maxWarningText {
		text = text[:maxWarningText] + "..."
	}
	if len(a.warnings) < maxWarnings && !slices.Contains(a.warnings, text) {
		a.warnings = append(a.warnings, text)
	}
}

// each calls f for every series; what f is given is valid during the call only.
func (a *answer) each(f func(labels.Labels, []Sample) error) error {
	b := labels.NewScratchBuilder(16)
	b.SetUnsafeAdd(true)
	var l labels.Labels
	for _, ref := range a.series {
		b.Reset()
		var name, value []byte
		for rest := a.labels[ref.labelsFrom:ref.labelsTo]; len(rest) > 0; {
			name, rest = text(rest)
			value, rest = text(rest)
			if len(value) > 0 { // an empty label is none
				b.Add(borrowed(name), borrowed(value))
			}
		}
		b.Sort()
		b.Overwrite(&l)
		if err := f(l, a.samples[ref.from:ref.to:ref.to]); err != nil {
			return err
		}
	}
	return nil
}

// borrowed is b as a string without a copy: the label builder copies it before b changes.
func borrowed(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// fields notes which fields of an object were read.
type fields map[string]bool

func (f fields) once(name string) error {
	if f[name] {
		return fmt.Errorf("%w: the field %q is there twice", errRefused, name)
	}
	f[name] = true
	return nil
}

// textInto reads a string into a variable.
func (s *scanner) textInto(dst *string) error {
	if s.peek() != '"' {
		if err := s.skip(0); err != nil {
			return err
		}
		return fmt.Errorf("%w: a field that is not text", errRefused)
	}
	b, err := s.string()
	*dst = string(b)
	return err
}
