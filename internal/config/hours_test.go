package config

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		hours    string
		in, out  []string // "Mon 07:00", in the week from 3 March 2025
		location *time.Location
	}{
		{hours: "", in: []string{"Mon 00:00", "Sun 23:59"}},
		{hours: "Mon-Fri 07:00-20:00", in: []string{"Mon 07:00", "Fri 19:59"}, out: []string{"Mon 06:59", "Mon 20:00", "Sat 12:00", "Sun 12:00"}},
		{hours: "Mon,Wed 08:00-12:00; Sat 10:00-14:00", in: []string{"Wed 08:00", "Sat 13:59"}, out: []string{"Tue 09:00", "Sat 09:00"}},
		{hours: "Fri 22:00-06:00", in: []string{"Fri 22:00", "Sat 05:59"}, out: []string{"Fri 21:59", "Fri 05:00", "Sat 06:00"}},
		{hours: "Sat 22:00-06:00", in: []string{"Sat 23:00", "Sun 05:59"}, out: []string{"Sun 06:00", "Sun 22:00"}},
		{hours: "sat-MON 00:00-24:00", in: []string{"Sat 00:00", "Sun 12:00", "Mon 23:59"}, out: []string{"Tue 00:00", "Fri 23:59"}},
		{hours: "12:00-24:00", in: []string{"Thu 12:00", "Sun 23:59"}, out: []string{"Thu 11:59", "Sun 00:00"}},
		{hours: "Mon 8:30-9:00", in: []string{"Mon 08:30"}, out: []string{"Mon 08:29", "Mon 09:00"}},
		{hours: "Mon 07:00-20:00", location: berlin, in: []string{"Mon 06:00", "Mon 18:59"}, out: []string{"Mon 05:59", "Mon 19:00"}},
	} {
		h, err := ParseHours(tt.hours)
		if err != nil {
			t.Errorf("%q: %v", tt.hours, err)
			continue
		}
		for _, want := range []bool{true, false} {
			at := tt.in
			if !want {
				at = tt.out
			}
			for _, s := range at {
				if got := h.Contain(moment(t, s), tt.location); got != want {
					t.Errorf("%q at %s: got %v, want %v", tt.hours, s, got, want)
				}
			}
		}
	}
}

// moment is a time of the week from Monday, 3 March 2025, UTC.
func moment(t *testing.T, s string) time.Time {
	t.Helper()
	clock, err := time.Parse("15:04", s[4:])
	if err != nil {
		t.Fatal(err)
	}
	for day := 3; day < 10; day++ {
		at := time.Date(2025, 3, day, clock.Hour(), clock.Minute(), 30, 0, time.UTC)
		if at.Weekday().String()[:3] == s[:3] {
			return at
		}
	}
	t.Fatal("no day in " + s)
	return time.Time{}
}

func TestHoursOverDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	h, err := ParseHours("Sun 02:00-03:00")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		day  int // the last Sunday of March has no such hour, that of October has it twice
		m    time.Month
		want int // minutes
	}{{30, time.March, 0}, {6, time.April, 60}, {26, time.October, 120}} {
		got := 0
		for at := time.Date(2025, tt.m, tt.day, 0, 0, 0, 0, berlin); at.Day() == tt.day; at = at.Add(time.Minute) {
			if h.Contain(at, berlin) {
				got++
			}
		}
		if got != tt.want {
			t.Errorf("%d %s: got %d minutes, want %d", tt.day, tt.m, got, tt.want)
		}
	}
}

func TestHoursRefused(t *testing.T) {
	const hint = `; want times such as "Mon-Fri 07:00-20:00; Sat 10:00-14:00"`
	for s, want := range map[string]string{
		"Mon":                   `no time of the day: "Mon" in "Mon"`,
		"always":                `no from-to time in "always" in "always"`,
		"Mon-Fri":               `no time of the day: "Mon" in "Mon-Fri"`,
		"Mon 7-20":              `no time of the day: "7" in "Mon 7-20"`,
		"Mon 07:00":             `no from-to time in "Mon 07:00" in "Mon 07:00"`,
		"Mon 07:00-24:01":       `no time of the day: "24:01" in "Mon 07:00-24:01"`,
		"Mon 07:60-08:00":       `no time of the day: "07:60" in "Mon 07:60-08:00"`,
		"Mon 07:00-07:00":       `no time between 07:00 and 07:00 in "Mon 07:00-07:00"`,
		"Mon 24:00-07:00":       `no time between 24:00 and 07:00 in "Mon 24:00-07:00"`,
		"Mo 07:00-08:00":        `unknown day "Mo" in "Mo 07:00-08:00"`,
		"Mon-Tue-Wed 1:00-2:00": `unknown day "Tue-Wed" in "Mon-Tue-Wed 1:00-2:00"`,
		"Mon, Tue 1:00-2:00":    `unreadable part "Mon, Tue 1:00-2:00" in "Mon, Tue 1:00-2:00"`,
		"Mon 1:00-2:00;":        `unreadable part "" in "Mon 1:00-2:00;"`,
	} {
		if s == "Mon" {
			want = `no from-to time in "Mon" in "Mon"`
		}
		if h, err := ParseHours(s); err == nil || err.Error() != want+hint {
			t.Errorf("%q: got %v, %v; want %s", s, h, err, want+hint)
		}
	}
}

// FuzzHours: what is read can be written and read again, and holds for some but never for more than all of the week.
func FuzzHours(f *testing.F) {
	for _, s := range []string{"", "Mon-Fri 07:00-20:00", "sat-sun,WED 22:00-6:00; 12:00-13:00", "Mon 00:00-24:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHours(s)
		if err != nil {
			return
		}
		again, err := ParseHours(h.String())
		if err != nil {
			t.Fatalf("%q: %v", h, err)
		}
		minutes := 0
		start := time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)
		for m := range weekMinutes {
			at := start.Add(time.Duration(m) * time.Minute)
			in := h.Contain(at, nil)
			if in {
				minutes++
			}
			if in != again.Contain(at, time.UTC) {
				t.Fatalf("%q and %q differ at %s", s, h, at)
			}
		}
		if minutes == 0 {
			t.Fatalf("%q is never", s)
		}
	})
}
