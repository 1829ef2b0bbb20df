package config

import (
	"testing"
	"time"
)

// TestDays: a task's models get the days of its calendars in its local time; of two that have a day the first counts,
// and after a week on end days are usual ones.
func TestDays(t *testing.T) {
	c, err := Load("testdata/valid-calendars.yml")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]uint8{
		{"2026-12-24": 0, "2026-12-25": 1, "2026-12-26": 1, "2026-12-27": 0},
		{"2026-12-24": 1, "2026-12-25": 1, "2026-12-27": 0, "2027-01-01": 2, "2026-01-14": 1, "2026-01-13": 0},
		{"2026-12-25": 0},
		{"2026-08-02": 0, "2026-08-03": 1, "2026-08-09": 1, "2026-08-10": 0, "2026-08-16": 0},
	} {
		got := map[string]uint8{}
		days := c.Tasks[i].ModelOptions().Days
		for k, d := range days {
			got[time.Unix(d.Number*86400, 0).UTC().Format(time.DateOnly)] = d.Kind
			if k > 0 && days[k-1].Number >= d.Number {
				t.Errorf("task %d: the days are not ascending", i)
			}
		}
		for day, kind := range want {
			if got[day] != kind {
				t.Errorf("task %d: %s is of kind %d, want %d", i, day, got[day], kind)
			}
		}
	}
}
