package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

const (
	mostBytes = 4 << 20 // of a file
	mostDays  = 20_000  // of a calendar: all of lastYear - firstYear is no exception any more
)

// event is one VEVENT, not yet in any location's time.
type event struct {
	name, uid    string
	start        string // value of DTSTART, after its TZID and a colon where it has one
	end          string // of DTEND; "": none
	allDay       bool
	length       time.Duration // of DURATION
	rules        []string      // RRULE
	dates, skips []string      // RDATE and EXDATE
	replaces     string        // RECURRENCE-ID
}

// File reads the events of an iCal file (RFC 5545), with their recurrences. Cancelled events are left out.
func File(path string) (*Calendar, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait
		return nil, fmt.Errorf("%s: not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > mostBytes {
		return nil, fmt.Errorf("%s: more than %d MiB", path, mostBytes>>20)
	}
	c, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// parse reads iCal text. That an event can be used is tried in UTC.
func parse(b []byte) (*Calendar, error) {
	file, err := ics.ParseCalendarWithOptions(bytes.NewReader(b), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fmt.Errorf("no iCal: %w", err)
	}
	c := &Calendar{}
	for _, e := range file.Events() {
		one, cancelled, err := newEvent(e)
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", one.name, err)
		}
		if one.replaces != "" { // what is replaced is no occurrence of the others any more
			for i := range c.events {
				if o := &c.events[i]; o.uid == one.uid && o.replaces == "" {
					o.skips = append(o.skips, one.replaces)
				}
			}
		}
		if !cancelled {
			c.events = append(c.events, one)
		}
	}
	if len(c.events) == 0 {
		return nil, errors.New("it has no events")
	}
	_, err = c.Days(time.UTC)
	return c, err
}

func newEvent(e *ics.VEvent) (one event, cancelled bool, err error) {
	text := func(p ics.ComponentProperty) string {
		if x := e.GetProperty(p); x != nil {
			return x.Value
		}
		return ""
	}
	one = event{name: text(ics.ComponentPropertySummary), uid: text(ics.ComponentPropertyUniqueId)}
	first := func(p ics.ComponentProperty) string {
		if all := values(e, p); len(all) > 0 {
			return all[0]
		}
		return ""
	}
	one.start, one.end = first(ics.ComponentPropertyDtStart), first(ics.ComponentPropertyDtEnd)
	if one.start == "" {
		return one, false, errors.New("it has no DTSTART")
	}
	one.allDay = !strings.Contains(one.start[strings.LastIndex(one.start, ":")+1:], "T")
	if d := text(ics.ComponentPropertyDuration); d != "" {
		if one.length, err = duration(d); err != nil {
			return one, false, err
		}
	}
	for _, p := range e.GetProperties(ics.ComponentPropertyRrule) {
		one.rules = append(one.rules, p.Value)
	}
	one.dates, one.skips = values(e, ics.ComponentPropertyRdate), values(e, ics.ComponentPropertyExdate)
	one.replaces = first(ics.ComponentPropertyRecurrenceId)
	return one, text(ics.ComponentPropertyStatus) == string(ics.ObjectStatusCancelled), nil
}

// values gives the times of a property, each after its time zone where it names one.
func values(e *ics.VEvent, p ics.ComponentProperty) []string {
	var all []string
	for _, x := range e.GetProperties(p) {
		zone := ""
		if id := x.ICalParameters["TZID"]; len(id) > 0 {
			zone = "TZID=" + id[0] + ":"
		}
		for v := range strings.SplitSeq(x.Value, ",") {
			all = append(all, zone+v)
		}
	}
	return all
}

var durations = regexp.MustCompile(`^\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// duration reads DURATION.
func duration(s string) (time.Duration, error) {
	m := durations.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("DURATION %q is none", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil || n > 100_000_000 {
			return 0, fmt.Errorf("DURATION %q is too long", s)
		}
		d += time.Duration(n) * unit
	}
	return d, nil
}

// days gives the days of local time that the occurrences of an event touch.
func (e *event) days(location *time.Location) ([]Day, error) {
	start, err := rrule.StrToDtStart(e.start, location)
	if err != nil {
		return nil, fmt.Errorf("DTSTART: %w", err)
	}
	length := e.length
	if e.end != "" {
		end, err := rrule.StrToDtStart(e.end, location)
		if err != nil {
			return nil, fmt.Errorf("DTEND: %w", err)
		}
		length = end.Sub(start)
	}
	if length < 0 || length > mostDays*24*time.Hour {
		return nil, fmt.Errorf("it lasts for %s", length)
	}
	starts, err := e.starts(start)
	if err != nil {
		return nil, err
	}
	var days []Day
	for _, t := range starts {
		first, last := t.In(location), t.Add(length-1).In(location)
		if e.allDay { // a date is that date everywhere
			first, last = t, t.Add(length-12*time.Hour) // a day of 23 or 25 hours is one too
		}
		n := numberOf(first)
		for i := n; i <= max(n, numberOf(last)); i++ {
			days = append(days, Day{i, e.name})
		}
		if len(days) > mostDays {
			return nil, fmt.Errorf("more than %d days", mostDays)
		}
	}
	return days, nil
}

// starts gives when the event begins, each time.
func (e *event) starts(start time.Time) ([]time.Time, error) {
	if len(e.rules) == 0 && len(e.dates) == 0 {
		return []time.Time{start}, nil
	}
	var set rrule.Set
	set.DTStart(start)
	for _, r := range e.rules {
		option, err := rrule.StrToROptionInLocation(r, start.Location())
		if err != nil {
			return nil, fmt.Errorf("RRULE: %w", err)
		}
		option.Dtstart = start
		if end := time.Date(lastYear, 12, 31, 23, 59, 59, 0, time.UTC); option.Until.IsZero() || option.Until.After(end) {
			option.Until = end // a rule that never holds is not searched for ever
		}
		rule, err := rrule.NewRRule(*option)
		if err != nil {
			return nil, fmt.Errorf("RRULE: %w", err)
		}
		set.RRule(rule)
	}
	for _, list := range []struct {
		name  string
		texts []string
		add   func(time.Time)
	}{{"RDATE", e.dates, set.RDate}, {"EXDATE", e.skips, set.ExDate}} {
		for _, s := range list.texts {
			t, err := rrule.StrToDtStart(s, start.Location())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", list.name, err)
			}
			list.add(t)
		}
	}
	if len(e.rules) == 0 { // the dates are besides the start
		set.RDate(start)
	}
	var all []time.Time
	for next := set.Iterator(); ; {
		t, ok := next()
		if !ok || t.Year() > lastYear {
			return slices.Compact(all), nil
		}
		if all = append(all, t); len(all) > mostDays {
			return nil, fmt.Errorf("it recurs more than %d times", mostDays)
		}
	}
}
