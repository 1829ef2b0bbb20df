package calendar

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

// within writes the days of a calendar in [from, to], as "2026-12-25 Name".
func within(t *testing.T, c *Calendar, zone, from, to string) []string {
	t.Helper()
	location, err := time.LoadLocation(zone)
	require.NoError(t, err)
	days, err := c.Days(location)
	require.NoError(t, err)
	var out []string
	for _, d := range days {
		if s := d.Time().Format(time.DateOnly); s >= from && s <= to {
			out = append(out, s+" "+d.Name)
		}
	}
	return out
}

func TestCountry(t *testing.T) {
	for _, c := range []struct {
		country, region, from, to string
		want                      []string
	}{
		{"DE", "BY", "2026-01-01", "2026-04-06", []string{"2026-01-01 Neujahrstag", "2026-01-06 Heilige Drei Könige", "2026-04-03 Karfreitag", "2026-04-06 Ostermontag"}},
		{"DE", "BE", "2026-01-01", "2026-03-08", []string{"2026-01-01 Neujahrstag", "2026-03-08 Frauentag"}},
		{"US", "", "2026-07-01", "2026-07-31", []string{"2026-07-03 Independence Day"}}, // the 4th is a Saturday
		{"GB", "", "2027-12-01", "2027-12-31", []string{"2027-12-27 Christmas Day", "2027-12-28 Boxing Day"}},
	} {
		got, err := Country(c.country, c.region)
		require.NoError(t, err)
		require.Equal(t, c.want, within(t, got, "Asia/Tokyo", c.from, c.to), "%s %s", c.country, c.region)
	}
	for want, p := range map[string]place{
		`the holidays of country "XX" are not known; known are AR, AT,`:                 {"XX", ""},
		`region "XX" of country "DE" is not known; known are BB, BE,`:                   {"DE", "XX"},
		`no regions of country "FR" are known; leave the region out`:                    {"FR", "75"},
		`the holidays of country "AU" differ by region; want one of ACT, NSW, NT,`:      {"AU", ""},
		`the holidays of country "de" are not known; known are AR, AT, AU, BE, BG, BR,`: {"de", ""},
	} {
		_, err := Country(p.country, p.region)
		require.ErrorContains(t, err, want)
	}
}

func TestFile(t *testing.T) {
	c, err := File("testdata/freeze.ics")
	require.NoError(t, err)
	require.Equal(t, []string{
		"2026-01-13 Patch day", "2026-01-14 Patch day", // 22:00 to 01:00
		"2026-03-17 Patch day, moved", "2026-03-18 Patch day, moved",
		"2026-04-14 Patch day", "2026-04-15 Patch day",
		"2026-11-27 Sale", // a time without a zone is local; midnight is no part of the next day
		"2026-12-24 Year-end freeze", "2026-12-25 Year-end freeze", "2026-12-26 Year-end freeze",
	}, within(t, c, "America/New_York", "2026-01-01", "2026-12-31"))
	require.Equal(t, []string{"2026-01-14 Patch day"}, within(t, c, "Europe/Berlin", "2026-01-01", "2026-01-31"), "04:00 to 07:00 there")
	require.Equal(t, []string{
		"2026-11-27 Sale", "2026-12-24 Year-end freeze", "2026-12-25 Year-end freeze", "2026-12-26 Year-end freeze",
	}, within(t, c, "Pacific/Auckland", "2026-11-01", "2026-12-31"), "a date is that date everywhere")
}

func TestFileErrors(t *testing.T) {
	event := func(lines string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for want, text := range map[string]string{
		"no iCal":                      "source: {}",
		"it has no events":             "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
		`event "x": it has no DTSTART`: event("DTEND:20260101T000000Z"),
		`event "x": DTSTART: `:         event("DTSTART:tomorrow"),
		`event "x": DTSTART: unknown time zone Mars/Elysium`: event("DTSTART;TZID=Mars/Elysium:20260101T000000"),
		`event "x": DTEND: `:                         event("DTSTART:20260101T000000Z\nDTEND:never"),
		`event "x": it lasts for -1h0m0s`:            event("DTSTART:20260101T010000Z\nDTEND:20260101T000000Z"),
		`event "x": RRULE: `:                         event("DTSTART:20260101T000000Z\nRRULE:FREQ=SOMETIMES"),
		`event "x": EXDATE: `:                        event("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:x"),
		`event "x": DURATION "1 day" is none`:        event("DTSTART:20260101T000000Z\nDURATION:1 day"),
		`event "x": it recurs more than 20000 times`: event("DTSTART:20260101T000000Z\nRRULE:FREQ=MINUTELY"),
	} {
		_, err := parse([]byte(text))
		require.ErrorContains(t, err, want)
	}
	_, err := File("testdata")
	require.EqualError(t, err, "testdata: not a file")
	_, err = File("testdata/none.ics")
	require.Error(t, err)
}

// FuzzParse: whatever the bytes, there are days or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parse(b)
		if err != nil {
			return
		}
		days, err := c.Days(time.UTC)
		require.NoError(t, err)
		for i := 1; i < len(days); i++ {
			require.Less(t, days[i-1].Number, days[i].Number)
		}
	})
}
