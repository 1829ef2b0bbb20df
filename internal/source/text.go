package source

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

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
