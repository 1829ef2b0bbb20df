package source

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Bounds of what is read of an answer, so that a strange one cannot fill the memory.
const (
	scanBuffer  = 64 << 10
	maxText     = 1 << 20 // bytes of one string
	maxNumber   = 512     // bytes of one number
	maxNesting  = 64      // of what is skipped
	pairBytes   = 80      // a sample is rarely longer
	maxUnixMsec = 1 << 53
)

// errRefused marks JSON that is valid but not what the query API answers, or beyond the bounds.
var errRefused = errors.New("not an answer of the query API")

// scanner reads JSON from a stream, with one buffer and without copying. It is strict: what it accepts is valid JSON.
type scanner struct {
	r        io.Reader
	buf      []byte
	pos, end int
	read     int64 // bytes before buf
	err      error // of r, io.EOF at the end
	text     []byte
}

// reset makes the scanner read r, with the memory it has.
func (s *scanner) reset(r io.Reader) {
	if s.buf == nil {
		s.buf = make([]byte, scanBuffer)
	}
	*s = scanner{r: r, buf: s.buf, text: s.text[:0]}
}

// fill reads more behind what is left in the buffer and tells whether there is more.
func (s *scanner) fill() bool {
	if s.err != nil {
		return false
	}
	s.read += int64(s.pos)
	s.end = copy(s.buf, s.buf[s.pos:s.end])
	s.pos = 0
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// failed is the error of a stream that ended too early.
func (s *scanner) failed() error {
	if s.err == nil || errors.Is(s.err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return s.err
}

func (s *scanner) syntax(want string) error {
	if s.pos >= s.end {
		return s.failed()
	}
	return fmt.Errorf("at byte %d: want %s, have %q", s.read+int64(s.pos), want, s.buf[s.pos])
}

// peek gives the next byte that is no space, without taking it; 0 at the end.
func (s *scanner) peek() byte {
	for {
		for ; s.pos < s.end; s.pos++ {
			switch c := s.buf[s.pos]; c {
			case ' ', '\n', '\r', '\t':
			default:
				return c
			}
		}
		if !s.fill() {
			return 0
		}
	}
}

// take consumes the next byte that is no space, which must be c.
func (s *scanner) take(c byte) error {
	if s.peek() != c || s.pos >= s.end {
		return s.syntax(strconv.QuoteRune(rune(c)))
	}
	s.pos++
	return nil
}

// list calls element for each element of the array or object (open, close) that comes next.
func (s *scanner) list(open, closing byte, element func() error) error {
	if err := s.take(open); err != nil {
		return err
	}
	return s.elements(closing, element)
}

// elements is list behind the opening bracket.
func (s *scanner) elements(closing byte, element func() error) error {
	if s.peek() == closing {
		s.pos++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case closing:
			s.pos++
			return nil
		default:
			return s.syntax(strconv.QuoteRune(rune(closing)))
		}
	}
}

// array calls element at the start of each element.
func (s *scanner) array(element func() error) error { return s.list('[', ']', element) }

// object calls field at the start of each value; name is valid until the next call of the scanner.
func (s *scanner) object(field func(name []byte) error) error {
	return s.list('{', '}', func() error {
		name, err := s.string()
		if err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		return field(name)
	})
}

// null consumes a null and tells whether there was one.
func (s *scanner) null() (bool, error) {
	if s.peek() != 'n' {
		return false, nil
	}
	return true, s.word("null")
}

func (s *scanner) word(w string) error {
	for i := range len(w) {
		if s.pos >= s.end && !s.fill() {
			return s.failed()
		}
		if s.buf[s.pos] != w[i] {
			return s.syntax(w)
		}
		s.pos++
	}
	return nil
}

// skip reads over a value.
func (s *scanner) skip(depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("%w: nested too deep", errRefused)
	}
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip(depth + 1) })
	case c == '[':
		return s.array(func() error { return s.skip(depth + 1) })
	case c == '"':
		_, err := s.string()
		return err
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	case c == '-' || c >= '0' && c <= '9':
		_, err := s.number()
		return err
	}
	return s.syntax("a value")
}
