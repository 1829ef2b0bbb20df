package main

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/foresight-exporter/foresight/internal/calendar"
	"github.com/foresight-exporter/foresight/models"
)

// localDays are the flags that say which days are unlike others, and in which local time.
type localDays struct {
	calendars *[]string
	zone      *string
}

func addLocalDays(c *kingpin.CmdClause) *localDays {
	return &localDays{
		calendars: c.Flag("calendar", "Holidays of a country (DE, or DE-BY for a region), or the path of an iCal file; repeatable.").PlaceHolder("DE").Strings(),
		zone:      c.Flag("time-zone", "Local time that days follow. Default: UTC.").PlaceHolder("Europe/Berlin").String(),
	}
}

var countryCode = regexp.MustCompile(`^([A-Z]{2})(?:-([A-Z0-9]{1,3}))?$`)

// read returns the location, nil for UTC, and the days of the calendars, ascending; where several have a day, the first counts.
func (l *localDays) read() (location *time.Location, days []models.SpecialDay, err error) {
	if *l.zone != "" {
		if location, err = time.LoadLocation(*l.zone); err != nil {
			return nil, nil, fmt.Errorf("--time-zone=%s: %w", *l.zone, err)
		}
	}
	if len(*l.calendars) >= math.MaxUint8 {
		return nil, nil, fmt.Errorf("--calendar: %d are too many", len(*l.calendars))
	}
	for i, name := range *l.calendars {
		var c *calendar.Calendar
		if code := countryCode.FindStringSubmatch(name); code != nil {
			c, err = calendar.Country(code[1], code[2])
		} else {
			c, err = calendar.File(name)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("--calendar=%s: %w", name, err)
		}
		of, err := c.Days(location)
		if err != nil {
			return nil, nil, fmt.Errorf("--calendar=%s: %w", name, err)
		}
		for _, d := range of {
			days = append(days, models.SpecialDay{Number: d.Number, Kind: uint8(i + 1)})
		}
	}
	slices.SortStableFunc(days, func(a, b models.SpecialDay) int { return int(a.Number - b.Number) })
	return location, slices.CompactFunc(days, func(a, b models.SpecialDay) bool { return a.Number == b.Number }), nil
}
