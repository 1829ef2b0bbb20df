package e2e

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/calendar"
	"github.com/foresight-exporter/foresight/internal/testkit"
)

const followMonths = `
source: {url: %q}
defaults: {evaluation_interval: 5s, calendars: [holidays]}
calendars: {holidays: {country: DE, region: BY}}
tasks:
  - {name: hourly, expr: visits, step: 1h, history: 740d, horizons: [1d, 90d, 180d, 2y], outputs: [expected, forecast, quality]}
  - {name: daily, expr: "avg_over_time(visits[1d])", step: 1d, history: 740d, horizons: [90d, 180d], outputs: [expected, forecast, quality]}
`

// visits of a shop grow by a quarter a year, have a year, a week, and holidays that are quieter than Sundays.
func visits(holidays map[int64]bool, first time.Time) func(time.Time) float64 {
	return func(t time.Time) float64 {
		days := t.Sub(first).Hours() / 24
		years := float64(t.YearDay()) / 365.25
		v := 1000 * (1 + 0.25*days/365.25) * (1 + 0.2*math.Sin(2*math.Pi*years)) * (1 - 0.5*math.Cos(2*math.Pi*t.Sub(t.Truncate(24*time.Hour)).Hours()/24))
		switch {
		case holidays[t.Unix()/86400]:
			v *= 0.3
		case t.Weekday() == time.Sunday:
			v *= 0.6
		}
		return v
	}
}

// TestMonthsAndHolidays has a whole Foresight read two years of a Prometheus: months ahead it foresees growth, the year
// and holidays, says how well such forecasts did, and nothing of those that cannot have come true.
func TestMonthsAndHolidays(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Now()
	first := now.Add(-745 * day)
	german, err := calendar.Country("DE", "BY")
	require.NoError(t, err)
	days, err := german.Days(nil)
	require.NoError(t, err)
	holidays := map[int64]bool{}
	var next time.Time // to come, and not on a Sunday
	for _, d := range days {
		holidays[d.Number] = true
		if next.IsZero() && d.Time().Sub(now) > 2*day && d.Time().Weekday() != time.Sunday {
			next = d.Time()
		}
	}
	shape := visits(holidays, first)
	promtool := testkit.FindTool(t, "promtool")
	p := testkit.StartPrometheus(t, testkit.FindTool(t, "prometheus"), "global: {scrape_interval: 1s}", func(dir string) {
		all := []truth{{name: "visits", labels: labels.FromStrings("shop", "a"), smooth: shape, noise: 20}}
		testkit.CreateBlocks(t, promtool, dir, first, now.Add(time.Hour), time.Hour, histories(all))
	}, "--query.lookback-delta=2h")
	f := startForesight(t, fmt.Sprintf(followMonths, p.URL), "")
	f.waitReady(2 * time.Minute)
	testkit.WaitFor(t, time.Minute, "forecasts", func() error {
		if got := testkit.MustQuery(t, f.URL(), `foresight_forecast{horizon="90d"}`, time.Time{}); len(got) != 2 {
			return errors.New("not forecast yet")
		}
		return nil
	})

	value := func(query string) float64 {
		got := testkit.MustQuery(t, f.URL(), query, time.Time{})
		require.Len(t, got, 1, query)
		return got[0].Value
	}
	for _, ahead := range []time.Duration{60 * day, 90 * day, 170 * day} {
		for h := range 4 {
			at := now.Add(ahead).Truncate(day).Add(time.Duration(6*h) * time.Hour)
			if holidays[at.Unix()/86400] {
				continue
			}
			got := value(fmt.Sprintf(`foresight_expected{task="hourly"} @ %d`, at.Unix()))
			require.InEpsilon(t, shape(at), got, 0.15, "at %v", at)
		}
	}
	noon := next.Add(12 * time.Hour)
	got := value(fmt.Sprintf(`foresight_expected{task="hourly"} @ %d`, noon.Unix()))
	require.InEpsilon(t, shape(noon), got, 0.2, "at %v, a holiday; on a usual day it were three times that", noon)

	for _, task := range []string{"hourly", "daily"} {
		coverage := value(fmt.Sprintf(`foresight_interval_coverage_ratio{task=%q, horizon="90d"}`, task))
		require.True(t, coverage > 0.5 && coverage <= 1, "%s: %v", task, coverage)
	}
	require.Empty(t, testkit.MustQuery(t, f.URL(), `foresight_interval_coverage_ratio{horizon="2y"}`, time.Time{}), "no forecast of two years has come true")
}
