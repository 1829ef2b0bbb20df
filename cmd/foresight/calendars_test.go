package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// holidayMeans returns the mean forecast of 1 May 2026, made at its beginning, of traffic that is 100 on weekdays and 20 on
// weekends and holidays.
func holidayMeans(t *testing.T, flags ...string) float64 {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.csv")
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	end := time.Date(2026, 4, 30, 23, 0, 0, 0, time.UTC)
	for at := end.Add(-56 * 24 * time.Hour); !at.After(end); at = at.Add(time.Hour) {
		v := 100.0
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday || at.YearDay() == 93 || at.YearDay() == 96 { // Good Friday, Easter Monday
			v = 20
		}
		fmt.Fprintf(&b, "%d,%g\n", at.Unix(), v+3*math.Sin(float64(at.Unix()/3600)*2.4))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := invoke(t, append(append([]string{"forecast", "--horizon=24h"}, flags...), path)...)
	if code != 0 {
		t.Fatalf("%q: exit code %d: %s", flags, code, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 25 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	sum := 0.0
	for _, r := range rows[1:] {
		v, _ := strconv.ParseFloat(r[3], 64)
		sum += v
	}
	return sum / 24
}

// A Friday that a calendar names is forecast as a Sunday, be the calendar a country's or a file.
func TestForecastFollowsCalendars(t *testing.T) {
	file := filepath.Join(t.TempDir(), "days.ics")
	ics := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260501\r\nSUMMARY:Works outing\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	if err := os.WriteFile(file, []byte(ics), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := holidayMeans(t); got < 80 {
		t.Errorf("without a calendar: want a usual Friday, 100, got %.1f", got)
	}
	for _, flags := range [][]string{{"--calendar=FR"}, {"--calendar=DE-BY"}, {"--calendar=" + file}} {
		if got := holidayMeans(t, flags...); got > 40 {
			t.Errorf("%q: want a Sunday, 20, got %.1f", flags, got)
		}
	}
	// In Auckland the first of May is over after half of the day in UTC.
	if got := holidayMeans(t, "--calendar=FR", "--time-zone=Pacific/Auckland"); got < 45 || got > 85 {
		t.Errorf("in Auckland: want about half of a Friday, got %.1f", got)
	}
}

func TestCalendarsThatAreNotThere(t *testing.T) {
	path := writeCSV(t, "x.csv", 48)
	for _, c := range []struct{ flag, want string }{
		{"--calendar=XX", `the holidays of country "XX" are not known`},
		{"--calendar=none.ics", "no such file"},
		{"--time-zone=Nowhere/Here", "unknown time zone"},
	} {
		if code, _, errs := invoke(t, "forecast", "--horizon=1h", c.flag, path); code != 1 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %q; want %q", c.flag, code, errs, c.want)
		}
	}
}
