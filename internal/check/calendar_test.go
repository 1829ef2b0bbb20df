package check

import (
	"strings"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
)

func TestComingDays(t *testing.T) {
	c, err := config.Parse("foresight.yml", []byte(`
source: {url: "http://localhost:9090"}
defaults: {time_zone: Europe/Berlin, calendars: [holidays]}
calendars: {holidays: {country: DE, region: BY}}
tasks:
  - {name: orders, expr: orders}
  - {name: batches, expr: batches, calendars: []}
`))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	Config(&b, "foresight.yml", c, time.Date(2026, 12, 24, 23, 30, 0, 0, time.UTC)) // the 25th in Berlin
	want := "  calendar  Fri 25 Dec 2026 Weihnachtstag (holidays), Sat 26 Dec 2026 Zweiter Weihnachtsfeiertag (holidays), " +
		"Fri 1 Jan 2027 Neujahrstag (holidays), Wed 6 Jan 2027 Heilige Drei Könige (holidays), Fri 26 Mar 2027 Karfreitag (holidays), ...\n"
	if got := b.String(); !strings.Contains(got, want) || strings.Count(got, "calendar ") != 1 {
		t.Errorf("got\n%s\nwant once\n%s", got, want)
	}
	b.Reset()
	Config(&b, "foresight.yml", c, time.Date(2070, 1, 1, 0, 0, 0, 0, time.UTC))
	if want := "  calendar  no special day is to come; those before are learnt apart\n"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
