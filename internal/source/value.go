package source

import (
	"fmt"
	"math"
	"strconv"
)

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

// quickPair reads a sample as servers commonly write it; n is 0 for anything else.
func quickPair(b []byte) (p Sample, n int) {
	if len(b) < 8 || b[0] != '[' || b[1] < '1' || b[1] > '9' {
		return p, 0
	}
	i := 1
	t := int64(0)
	for ; i < len(b) && i < 14 && isDigit(b[i]); i++ {
		t = t*10 + int64(b[i]-'0')
	}
	t *= 1000
	if i < len(b) && b[i] == '.' {
		i++
		from := i
		for unit := int64(100); i < len(b) && isDigit(b[i]); i++ {
			if unit == 0 {
				return p, 0
			}
			t += unit * int64(b[i]-'0')
			unit /= 10
		}
		if i == from {
			return p, 0
		}
	}
	if i+2 >= len(b) || b[i] != ',' || b[i+1] != '"' {
		return p, 0
	}
	i += 2
	v, n, ok := decimal(b[i:])
	if !ok {
		for n = 0; i+n < len(b) && b[i+n] != '"' && b[i+n] != '\\' && b[i+n] >= ' '; n++ {
		}
		var err error
		if v, err = parseValue(b[i : i+n]); err != nil {
			return p, 0
		}
	}
	if i += n; i+1 >= len(b) || b[i] != '"' || b[i+1] != ']' {
		return p, 0
	}
	return Sample{t, v}, i + 2
}

// parseValue reads a value as Prometheus writes it: a decimal, NaN, +Inf or -Inf.
func parseValue(b []byte) (float64, error) {
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+':
		case c|0x20 == 'e', c|0x20 == 'i', c|0x20 == 'n', c|0x20 == 'f', c|0x20 == 'a':
		default:
			return 0, fmt.Errorf("%w: the value %q", errRefused, b)
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, fmt.Errorf("%w: the value %q", errRefused, b)
	}
	return v, nil
}

// powersOfTen are those that a float64 holds exactly.
var powersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// decimal reads a decimal without exponent from the beginning of b, up to the byte that ends it; ok is false for
// anything else. Where a float64 holds its digits exactly, dividing by a power of ten rounds correctly (Clinger 1990,
// "How to read floating point numbers accurately").
func decimal(b []byte) (v float64, n int, ok bool) {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	var mantissa uint64
	digits, point := 0, -1
	for ; i < len(b); i++ {
		if c := b[i]; isDigit(c) {
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
		} else if c == '.' && point < 0 {
			point = digits
		} else {
			break
		}
	}
	switch {
	case digits == 0 || i == len(b) || b[i] != '"':
		return 0, 0, false
	case digits >= len(powersOfTen) || mantissa >= 1<<53:
		v, err := strconv.ParseFloat(string(b[:i]), 64)
		return v, i, err == nil
	}
	v = float64(mantissa)
	if point >= 0 {
		v /= powersOfTen[digits-point]
	}
	if b[0] == '-' {
		v = -v
	}
	return v, i, true
}

func isDigit(c byte) bool { return c-'0' <= 9 }
