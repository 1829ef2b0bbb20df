package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Hours are times of the week, such as "Mon-Fri 07:00-20:00"; the zero Hours are always.
type Hours struct {
	text  string
	spans []span
}

// span is a part of the week, in minutes since Sunday 00:00, without its end.
type span struct{ from, to int }

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

// ParseHours reads times of the week: parts separated by ";", each of days ("Mon-Fri", "Sat,Sun"; all where left out)
// and from-to times of the day. A part whose end is not after its start runs into the next day. "" is always.
func ParseHours(s string) (Hours, error) {
	h := Hours{text: strings.TrimSpace(s)}
	if h.text == "" {
		return Hours{}, nil
	}
	for part := range strings.SplitSeq(h.text, ";") {
		days, from, to, err := parsePart(strings.TrimSpace(part))
		if err != nil {
			return Hours{}, fmt.Errorf(`%w in %q; want times such as "Mon-Fri 07:00-20:00; Sat 10:00-14:00"`, err, s)
		}
		for day, on := range days {
			if on {
				h.spans = append(h.spans, span{day*dayMinutes + from, day*dayMinutes + to}.withinWeek()...)
			}
		}
	}
	slices.SortFunc(h.spans, func(a, b span) int { return a.from - b.from })
	return h, nil
}

// withinWeek cuts what runs over the week's end.
func (s span) withinWeek() []span {
	if s.to > weekMinutes {
		return []span{{0, s.to - weekMinutes}, {s.from, weekMinutes}}
	}
	return []span{s}
}

func parsePart(s string) (days [7]bool, from, to int, err error) {
	fields := strings.Fields(s)
	switch len(fields) {
	case 1:
		days = [7]bool{true, true, true, true, true, true, true}
	case 2:
		if days, err = parseDays(fields[0]); err != nil {
			return days, 0, 0, err
		}
	default:
		return days, 0, 0, fmt.Errorf("unreadable part %q", s)
	}
	start, end, ok := strings.Cut(fields[len(fields)-1], "-")
	if !ok {
		return days, 0, 0, fmt.Errorf("no from-to time in %q", s)
	}
	if from, err = parseClock(start); err != nil {
		return days, 0, 0, err
	}
	if to, err = parseClock(end); err != nil {
		return days, 0, 0, err
	}
	switch {
	case from == to || from == dayMinutes:
		return days, 0, 0, fmt.Errorf("no time between %s and %s", start, end)
	case to < from:
		to += dayMinutes
	}
	return days, from, to, nil
}

func parseDays(s string) (days [7]bool, err error) {
	for item := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(item, "-")
		from, err := parseDay(first)
		if err != nil {
			return days, err
		}
		to := from
		if isRange {
			if to, err = parseDay(last); err != nil {
				return days, err
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			days[d] = true
			if d == to {
				break
			}
		}
	}
	return days, nil
}

func parseDay(s string) (int, error) {
	for d := range 7 {
		if strings.EqualFold(s, time.Weekday(d).String()[:3]) {
			return d, nil
		}
	}
	return 0, fmt.Errorf("unknown day %q", s)
}

// parseClock reads 00:00 to 24:00 as minutes.
func parseClock(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(h) > 2 || len(m) != 2 || minute > 59 || hour*60+minute > dayMinutes {
		return 0, fmt.Errorf("no time of the day: %q", s)
	}
	return int(hour*60 + minute), nil
}

// Always tells whether the hours are the whole week.
func (h Hours) Always() bool { return len(h.spans) == 0 }

// Contain tells whether a moment lies within the hours, in local time of loc; nil is UTC.
func (h Hours) Contain(t time.Time, loc *time.Location) bool {
	if h.Always() {
		return true
	}
	if loc == nil {
		loc = time.UTC
	}
	t = t.In(loc)
	m := int(t.Weekday())*dayMinutes + t.Hour()*60 + t.Minute()
	for _, s := range h.spans {
		if m >= s.from && m < s.to {
			return true
		}
	}
	return false
}

// String gives the hours as they were written.
func (h Hours) String() string { return h.text }

// IsZero tells the YAML library to leave the zero Hours out.
func (h Hours) IsZero() bool { return h.text == "" }

// MarshalYAML writes what UnmarshalYAML reads.
func (h Hours) MarshalYAML() (any, error) { return h.text, nil }

// UnmarshalYAML reads what [ParseHours] does.
func (h *Hours) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("want text, have %s", kindOf(n))
	}
	parsed, err := ParseHours(n.Value)
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}
