// Package calendar knows the days that are unlike others: the holidays of countries and the events of iCal files.
//
// Read calendar.go (what a calendar gives), then where its days come from: places.go (countries and regions), ical.go
// (files).
package calendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
)

// Days are known from the beginning of firstYear to the end of lastYear.
const (
	firstYear = 2000
	lastYear  = 2059
)

// Day is a day of local time that belongs to a calendar.
type Day struct {
	Number int64 // days since 1 January 1970
	Name   string
}

// Time is midnight of the day, in UTC.
func (d Day) Time() time.Time { return time.Unix(d.Number*24*60*60, 0).UTC() }

// Calendar is a set of days. It is not changed after it was made, and safe for concurrent use.
type Calendar struct {
	holidays []Day
	events   []event
}

// Country returns the public holidays of a country, or of one of its regions where that is not empty, by their ISO 3166
// codes such as DE and BY. Those that are kept on another day are there on that day.
func Country(country, region string) (*Calendar, error) {
	all := places()
	list, ok := all[place{country, region}]
	if !ok {
		return nil, unknown(all, country, region)
	}
	c := &Calendar{}
	for _, h := range list {
		if h.Type != cal.ObservancePublic && h.Type != cal.ObservanceBank {
			continue
		}
		for year := firstYear; year <= lastYear; year++ {
			if _, day := h.Calc(year); !day.IsZero() {
				c.holidays = append(c.holidays, Day{numberOf(day), h.Name})
			}
		}
	}
	c.holidays = ascending(c.holidays)
	return c, nil
}

func unknown(all map[place][]*cal.Holiday, country, region string) error {
	countries, regions := map[string]bool{}, map[string]bool{}
	for p := range all {
		countries[p.country] = true
		if p.country == country && p.region != "" {
			regions[p.region] = true
		}
	}
	list := func(m map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
	switch {
	case !countries[country]:
		return fmt.Errorf("the holidays of country %q are not known; known are %s; an iCal file can name any day", country, list(countries))
	case len(regions) == 0:
		return fmt.Errorf("no regions of country %q are known; leave the region out, or name its days in an iCal file", country)
	case region == "":
		return fmt.Errorf("the holidays of country %q differ by region; want one of %s", country, list(regions))
	}
	return fmt.Errorf("region %q of country %q is not known; known are %s", region, country, list(regions))
}

// Days returns the days of the calendar in a location's local time, ascending, each once. nil stands for UTC.
func (c *Calendar) Days(location *time.Location) ([]Day, error) {
	if location == nil {
		location = time.UTC
	}
	days := slices.Clone(c.holidays)
	for i := range c.events {
		more, err := c.events[i].days(location)
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", c.events[i].name, err)
		}
		if days = append(days, more...); len(days) > mostDays {
			return nil, fmt.Errorf("event %q: more than %d days in all", c.events[i].name, mostDays)
		}
	}
	return ascending(days), nil
}

// ascending sorts days and keeps the first of each.
func ascending(days []Day) []Day {
	slices.SortStableFunc(days, func(a, b Day) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(days, func(a, b Day) bool { return a.Number == b.Number })
}

// numberOf is the day that a time is on by its own clock.
func numberOf(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}
