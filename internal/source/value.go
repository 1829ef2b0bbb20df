package source

import (
	"fmt"
	"strconv"
)

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
	from := i
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
		i++
	}
	if i+1 >= len(b) || b[i] != '"' || b[i+1] != ']' {
		return p, 0
	}
	v, err := parseValue(b[from:i])
	if err != nil {
		return p, 0
	}
	return Sample{t, v}, i + 2
}

// parseValue reads a value as Prometheus writes it: a decimal, NaN, +Inf or -Inf.
func parseValue(b []byte) (float64, error) {
	if v, ok := shortDecimal(b); ok {
		return v, nil
	}
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

// shortDecimal reads a decimal without exponent whose digits a float64 holds exactly; dividing by a power of ten then
// rounds correctly (Clinger 1990, "How to read floating point numbers accurately").
func shortDecimal(b []byte) (v float64, ok bool) {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	var mantissa uint64
	digits, point := 0, -1
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case isDigit(c):
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = digits
		default:
			return 0, false
		}
	}
	if digits == 0 || digits >= len(powersOfTen) || mantissa >= 1<<53 {
		return 0, false
	}
	v = float64(mantissa)
	if point >= 0 {
		v /= powersOfTen[digits-point]
	}
	if b[0] == '-' {
		v = -v
	}
	return v, true
}

func isDigit(c byte) bool { return c-'0' <= 9 }
