package source

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
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

// string reads a string; the result is valid until the next call. As in encoding/json, what is not UTF-8 becomes
// U+FFFD.
func (s *scanner) string() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	s.text = s.text[:0]
	plain := true
	for {
		from := s.pos
		for s.pos < s.end && s.buf[s.pos] != '"' && s.buf[s.pos] != '\\' && s.buf[s.pos] >= ' ' {
			if s.buf[s.pos] >= utf8.RuneSelf {
				plain = false
			}
			s.pos++
		}
		s.text = append(s.text, s.buf[from:s.pos]...)
		if len(s.text) > maxText {
			return nil, fmt.Errorf("%w: a text of more than %d bytes", errRefused, maxText)
		}
		switch {
		case s.pos >= s.end:
			if !s.fill() {
				return nil, s.failed()
			}
		case s.buf[s.pos] == '"':
			s.pos++
			if !plain && !utf8.Valid(s.text) {
				s.text = replaceInvalid(s.text)
			}
			return s.text, nil
		case s.buf[s.pos] == '\\':
			s.pos++
			if err := s.escape(); err != nil {
				return nil, err
			}
			plain = false
		default:
			return nil, s.syntax("text without control characters")
		}
	}
}

// replaceInvalid replaces each byte that is not UTF-8.
func replaceInvalid(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out
}

func (s *scanner) escape() error {
	if s.pos >= s.end && !s.fill() {
		return s.failed()
	}
	c := s.buf[s.pos]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		s.pos++
		return s.unicode()
	default:
		return s.syntax("an escape")
	}
	s.pos++
	s.text = append(s.text, c)
	return nil
}

// unicode reads the four digits of an escape and, after a high surrogate, the low one that belongs to it.
func (s *scanner) unicode() error {
	r, err := s.hex()
	if err != nil {
		return err
	}
	for utf16.IsSurrogate(r) {
		if !s.follows(`\u`) {
			r = utf8.RuneError
			break
		}
		s.pos += 2
		low, err := s.hex()
		if err != nil {
			return err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			r = pair
			break
		}
		s.text = utf8.AppendRune(s.text, utf8.RuneError)
		r = low
	}
	s.text = utf8.AppendRune(s.text, r)
	return nil
}

func (s *scanner) hex() (rune, error) {
	var r rune
	for range 4 {
		if s.pos >= s.end && !s.fill() {
			return 0, s.failed()
		}
		c := s.buf[s.pos]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, s.syntax("a hexadecimal digit")
		}
		r = r<<4 | rune(c)
		s.pos++
	}
	return r, nil
}

// follows tells whether the very next bytes are w.
func (s *scanner) follows(w string) bool {
	for s.end-s.pos < len(w) {
		if !s.fill() {
			return false
		}
	}
	return string(s.buf[s.pos:s.pos+len(w)]) == w
}

// number reads a number as it is written; the result is valid until the next call.
func (s *scanner) number() ([]byte, error) {
	s.peek()
	s.text = s.text[:0]
	for s.pos < s.end || s.fill() {
		c := s.buf[s.pos]
		if c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' && (c < '0' || c > '9') {
			break
		}
		if len(s.text) == maxNumber {
			return nil, fmt.Errorf("%w: a number of more than %d bytes", errRefused, maxNumber)
		}
		s.text = append(s.text, c)
		s.pos++
	}
	if !isNumber(s.text) {
		return nil, s.syntax("a number")
	}
	return s.text, nil
}

// isNumber checks the grammar of JSON, which knows no leading zeros and no bare points.
func isNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	zero := i < len(b) && b[i] == '0'
	from := i
	if !digits() || zero && i > from+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
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

// pair reads a sample, [<seconds>,"<value>"].
func (s *scanner) pair() (Sample, error) {
	if s.end-s.pos < pairBytes && s.err == nil {
		s.fill()
	}
	if p, n := quickPair(s.buf[s.pos:s.end]); n > 0 {
		s.pos += n
		return p, nil
	}
	if err := s.take('['); err != nil {
		return Sample{}, err
	}
	t, text, err := s.moment()
	if err != nil {
		return Sample{}, err
	}
	v, err := parseValue(text)
	return Sample{t, v}, err
}

// moment reads a pair of any kind behind its opening bracket; the text is valid until the next call.
func (s *scanner) moment() (t int64, text []byte, err error) {
	b, err := s.number()
	if err != nil {
		return 0, nil, err
	}
	sec, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.Abs(sec*1000) > maxUnixMsec {
		return 0, nil, fmt.Errorf("%w: the time %s", errRefused, b)
	}
	t = int64(math.Round(sec * 1000))
	if err := s.take(','); err != nil {
		return 0, nil, err
	}
	if s.peek() != '"' {
		return 0, nil, s.notText()
	}
	if text, err = s.string(); err != nil {
		return 0, nil, err
	}
	return t, text, s.take(']')
}

// notText tells a value that is valid JSON but no text from one that is not.
func (s *scanner) notText() error {
	if err := s.skip(0); err != nil {
		return err
	}
	return fmt.Errorf("%w: a sample whose value is not text", errRefused)
}
