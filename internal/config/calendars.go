package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/internal/calendar"
	"github.com/foresight-exporter/foresight/models"
)

// Calendar says which days are unlike others; either Country or File is set.
type Calendar struct {
	Country string `yaml:"country,omitempty"` // ISO 3166, such as DE
	Region  string `yaml:"region,omitempty"`  // of the country, such as BY
	File    string `yaml:"file,omitempty"`    // iCal

	days *calendar.Calendar
}

// Holidays lists the days of the calendars that a task follows, ascending, each with the name of its calendar. Where
// several have a day, the one that the task names first counts.
func (c *Config) Holidays(t *Task) []Holiday {
	all, _, _ := c.holidays(t) // that they can be told was tried while loading
	return all
}

// Holiday is a day of a calendar in a task's local time.
type Holiday struct {
	calendar.Day
	Calendar string
	kind     uint8
}

// holidays gives them, or an error and the index of the calendar that has it.
func (c *Config) holidays(t *Task) (all []Holiday, index int, err error) {
	for i, name := range t.Calendars {
		k := c.Calendars[name]
		if k == nil || k.days == nil {
			continue
		}
		days, err := k.days.Days(t.Location)
		if err != nil {
			return nil, i, err
		}
		for _, d := range days {
			all = append(all, Holiday{d, name, uint8(i + 1)})
		}
	}
	slices.SortStableFunc(all, func(a, b Holiday) int { return int(a.Number - b.Number) })
	return slices.CompactFunc(all, func(a, b Holiday) bool { return a.Number == b.Number }), 0, nil
}

// maxCalendars is how many calendars a task may follow: each has a memory of its own in every series.
const maxCalendars = 8

// longestRun is how many days on end may be special: usual days are learnt from four weeks.
const longestRun = 7

// loadCalendars reads the calendars. Files are relative to the folder of the configuration.
func (p *problems) loadCalendars(c *Config) {
	for _, name := range slices.Sorted(maps.Keys(c.Calendars)) {
		k, at := c.Calendars[name], "calendars."+name
		if s := taskName(name); s != "" {
			p.add(at, "%s", s)
		}
		if k == nil {
			p.add(at, "empty: want country or file")
			continue
		}
		var err error
		switch {
		case k.Country != "" && k.File != "":
			p.add(at, "want country or file, have both")
		case k.Country == "" && k.File == "":
			p.add(at, "want country or file")
		case k.File != "" && k.Region != "":
			p.add(at+".region", "a file has no region")
		case k.File != "":
			path := k.File
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(p.file), path)
			}
			if k.days, err = calendar.File(path); err != nil {
				p.add(at+".file", "%s", err)
			}
		default:
			field := ".country"
			if k.Region != "" {
				field = ".region"
			}
			if k.days, err = calendar.Country(k.Country, k.Region); err != nil {
				p.add(at+field, "%s", err)
			}
		}
	}
}

// followCalendars checks which calendars a task names and finds their days.
func (p *problems) followCalendars(c *Config, t *Task, at string) {
	if len(t.Calendars) > maxCalendars {
		p.add(at+".calendars", "%d: at most %d are possible", len(t.Calendars), maxCalendars)
		return
	}
	for i, name := range t.Calendars {
		at := fmt.Sprintf("%s.calendars[%d]", at, i)
		if _, ok := c.Calendars[name]; !ok {
			p.add(at, "there is no calendar %q", name)
		}
		if slices.Contains(t.Calendars[:i], name) {
			p.add(at, "%q is named twice", name)
		}
	}
	all, i, err := c.holidays(t)
	if err != nil {
		p.add(fmt.Sprintf("%s.calendars[%d]", at, i), "calendar %q: %s", t.Calendars[i], err)
	}
	run, told := 0, map[string]bool{}
	for i, h := range all {
		if i > 0 && all[i-1].Number == h.Number-1 && all[i-1].kind == h.kind {
			run++
		} else {
			run = 1
		}
		if run <= longestRun {
			t.Days = append(t.Days, models.SpecialDay{Number: h.Number, Kind: h.kind})
		} else if !told[h.Calendar] {
			told[h.Calendar] = true
			p.warn(at+".calendars", "calendar %q has more than %d days on end: from %s on they are taken for usual ones",
				h.Calendar, longestRun, h.Time().Format(time.DateOnly))
		}
	}
}
