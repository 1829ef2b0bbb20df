package web

import (
	"html"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
	"github.com/foresight-exporter/foresight/models/anomaly"
)

func names(rows []row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Name())
	}
	return out
}

func TestChoose(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	s := &board.Snapshot{
		Task: "t",
		Series: []board.Series{
			{Labels: labels.FromStrings("pod", "Alpha", "zone", "eu", "task", "t"), Score: models.Score{Value: 0.5}},
			{Labels: labels.FromStrings("pod", "beta", "zone", "eu", "task", "t"), State: models.StateStale},
			{Labels: labels.FromStrings("pod", "gamma", "zone", "us", "task", "t"), Score: models.Score{Value: 2}},
		},
		Columns: []board.Column{
			{Metric: board.Observed, Hidden: true, Values: []float64{1, nan, 3}},
			{Metric: board.TimeToExhaustion, Label: "probability", LabelValue: "0.5", Values: []float64{inf, nan, 60}},
		},
	}
	const alpha, beta, gamma = `{pod="Alpha", zone="eu"}`, `{pod="beta", zone="eu"}`, `{pod="gamma", zone="us"}`
	for query, want := range map[string][]string{
		"":                      {gamma, alpha, beta},
		"sort=name":             {alpha, beta, gamma},
		"sort=value":            {gamma, alpha, beta},
		"sort=exhaustion":       {gamma, alpha, beta},
		"sort=expected":         {alpha, beta, gamma},
		"sort=state":            {alpha, gamma, beta},
		"sort=nonsense":         {gamma, alpha, beta},
		"q=EU+alpha":            {alpha},
		"q=none":                nil,
		"state=stale":           {beta},
		"state=stale&q=gamma":   nil,
		"sort=name&limit=1":     {alpha},
		"sort=name&limit=-1":    {alpha, beta, gamma},
		"sort=name&limit=99999": {alpha, beta, gamma},
	} {
		q, err := url.ParseQuery(query)
		require.NoError(t, err)
		rows, _ := parseFilter(q).choose(s)
		require.Equal(t, want, names(rows), query)
	}
	_, matching := filter{Limit: 1}.choose(s)
	require.Equal(t, 3, matching)
}

// The first rows of an order are those that sorting all of them gives, equal ones in the order of the snapshot.
func TestFirstRowsOfAnOrder(t *testing.T) {
	s := &board.Snapshot{Task: "t", Columns: []board.Column{{Metric: board.Observed}}}
	for i := range 500 {
		s.Series = append(s.Series, board.Series{Labels: labels.FromStrings("i", strconv.Itoa(i)), State: models.State(i * 7 % 5)})
		s.Columns[0].Values = append(s.Columns[0].Values, float64(i*13%50))
	}
	for _, order := range orders {
		sorted, _ := filter{Sort: byName, Limit: len(s.Series)}.choose(s)
		sortRows(sorted, order)
		few, matching := filter{Sort: order, Limit: 20}.choose(s)
		require.Equal(t, names(sorted[:20]), names(few), order)
		require.Equal(t, 500, matching)
	}
	none, matching := filter{Sort: byScore}.choose(s)
	require.Empty(t, none)
	require.Equal(t, 500, matching)
}

func TestFind(t *testing.T) {
	s := &board.Snapshot{Task: "t", Series: []board.Series{
		{Labels: labels.FromStrings("a", "1", "task", "t")},
		{Labels: labels.FromStrings("a", "1", "b", "2", "task", "t")},
		{Labels: labels.FromStrings("a", "1", "b", "3", "task", "t")},
	}}
	for query, want := range map[string][]string{
		"task=t&a=1":              {`{a="1"}`},
		"task=t&a=1&-past=7d":     {`{a="1"}`},
		"task=t&a=1&b=2":          {`{a="1", b="2"}`},
		"task=t&b=3":              {`{a="1", b="3"}`},
		"task=t&a=1&b=":           {`{a="1"}`},
		"task=t&a=1&b=2&b=9":      {`{a="1", b="2"}`},
		"task=t":                  {`{a="1"}`, `{a="1", b="2"}`, `{a="1", b="3"}`},
		"task=t&a=1&severity=bad": nil,
	} {
		q, err := url.ParseQuery(query)
		require.NoError(t, err)
		require.Equal(t, want, names(find(s, q)), query)
	}
}

func TestLandingLists(t *testing.T) {
	b := fakeBoard()
	first := soonest(b.Snapshots(), 10)
	require.Equal(t, []string{`{instance="db-2:9100", mountpoint="/data"}`, `{instance="db-1:9100", mountpoint="/data"}`}, names(first))
	rows, all := anomalies(b.Snapshots(), 3)
	require.Len(t, rows, 3)
	require.Equal(t, 1+len(hostile), all)
	require.Equal(t, `{namespace="shop", pod="checkout-7"}`, rows[0].Name())
}

func TestShortNames(t *testing.T) {
	series := func(pairs ...string) board.Series {
		return board.Series{Labels: labels.FromStrings(append(pairs, "task", "t")...)}
	}
	for _, tc := range []struct {
		series []board.Series
		names  []string
		common []labels.Label
	}{
		{[]board.Series{series("a", "1")}, []string{`{a="1"}`}, nil},
		{[]board.Series{series("a", "1", "job", "x"), series("a", "2", "job", "x")}, []string{`{a="1"}`, `{a="2"}`}, []labels.Label{{Name: "job", Value: "x"}}},
		{[]board.Series{series("job", "x"), series("a", "2", "job", "x")}, []string{`{}`, `{a="2"}`}, []labels.Label{{Name: "job", Value: "x"}}},
		{[]board.Series{series("a", "1", "job", "x"), series("job", "x")}, []string{`{a="1"}`, `{}`}, []labels.Label{{Name: "job", Value: "x"}}},
	} {
		s := &board.Snapshot{Task: "t", Series: tc.series}
		rows, _ := filter{Sort: byName, Limit: 9}.choose(s)
		var got []string
		for _, r := range rows {
			got = append(got, r.ShortName())
		}
		require.Equal(t, tc.names, got)
		_, common := tellingLabels(s)
		require.Equal(t, tc.common, common)
	}
}

func TestSeriesPage(t *testing.T) {
	h := New(fake(t))
	for target, want := range map[string][]string{
		"/series?task=requests&pod=checkout-7": {
			"Anomaly score 3.40.", "The level has moved away from what is usual at this time, upwards.", "45m ago", "card+theta", "1d,7d", "95 % interval",
			`foresight_anomaly_score{namespace="shop", pod="checkout-7", task="requests"} > 1`, `class="plot-span plot-anomaly"`, "94.7 %", "0.31",
		},
		"/series?task=requests&pod=unreadable": {"could not be read from the source", "connection refused", "plot-forecast"},
		"/series?task=requests&pod=checkout-9": {"too little history", "too_short"},
		"/series?task=filesystem&instance=db-1:9100&mountpoint=/data": {
			"1d 7h", "97.0 %", "11 %", "500G", `class="plot-level plot-limit"`, `class="plot-range plot-limit"`, `probability="0.5"}`, `within="1d"} > 0.5`,
		},
		"/series?task=filesystem&instance=db-2:9100": {"It has reached its limit.", "over_limit", "now"},
		"/series?task=filesystem&mountpoint=/tmp":    {"not foreseen", "<0.1 %"},
	} {
		body := html.UnescapeString(get(t, h, target))
		for _, text := range want {
			if !strings.Contains(body, text) { // whose message is short, unlike that of require.Contains
				t.Errorf("%s does not say %q", target, text)
			}
		}
	}
	body := get(t, h, "/series?task=filesystem&mountpoint=/tmp")
	require.NotContains(t, body, "plot-range", "what isn't foreseen has no time")
	require.NotContains(t, body, "foresight_anomaly_score", "this task doesn't export it")
}

func TestExplain(t *testing.T) {
	for want, score := range map[string]models.Score{
		"It is as expected.": {},
		"The latest value is unlike what was expected, downwards, but not enough to be called anomalous.": {Value: 1, Direction: -1, Part: anomaly.PartPoint},
		"It varies unlike what is usual at this time.":                                                    {Value: 1.01, Part: anomaly.PartSpread},
		"It is nearly as expected.":                                                                       {Value: 0.1, Direction: 1, Part: anomaly.PartLevel},
		"The level has moved away from what is usual at this time, upwards.":                              {Value: 9, Direction: 1, Part: anomaly.PartLevel},
		"It is unlike what was expected.":                                                                 {Value: 9},
		"It is unlike what was expected, but known at this time from other days.":                         {Part: anomaly.PartKnown},
	} {
		require.Equal(t, want, explain(score))
	}
	for s := range models.State(models.NumStates) {
		require.Equal(t, s == models.StateOK, why(s) == "", s.String())
	}
}

func TestPromSelector(t *testing.T) {
	require.Equal(t, `foresight_forecast{a="x\"y\\", "service.name"="z", horizon="6h"}`, promSelector("foresight_forecast", labels.FromStrings("a", `x"y\`, "service.name", "z"), "horizon", "6h"))
	require.Equal(t, `foresight_expected{}`, promSelector("foresight_expected", labels.EmptyLabels()))
}

func TestFormat(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "12s": 12 * time.Second, "1m": time.Minute, "5m 3s": 303 * time.Second, "31m": 31*time.Minute + 4*time.Second, "1h 30m": 90 * time.Minute,
		"1d 7h": 31 * time.Hour, "13d": 13*24*time.Hour + 3*time.Hour, "7d": 7 * 24 * time.Hour, "2d": 48*time.Hour - time.Second, "24h": 24*time.Hour - time.Second,
	} {
		require.Equal(t, want, duration(d))
	}
	for want, v := range map[string]float64{"–": math.NaN(), "not foreseen": math.Inf(1), "now": 0, "2m": 120} {
		require.Equal(t, want, seconds(v))
	}
	for want, v := range map[string]float64{"–": math.NaN(), "0 %": 0, "100 %": 1, "94.7 %": 0.947, "31 %": 0.31, "<0.1 %": 1e-5, ">99.9 %": 0.99999, "1.2 %": 0.0123} {
		require.Equal(t, want, percent(v))
	}
	now := time.UnixMilli(origin)
	require.Equal(t, "never", ago(now, time.Time{}))
	require.Equal(t, "just now", ago(now, now.Add(time.Second)))
	require.Equal(t, "1h 5m ago", ago(now, now.Add(-65*time.Minute)))
}

func TestTaskPageIsLimited(t *testing.T) {
	o := fake(t)
	s := &board.Snapshot{Task: "many"}
	for i := range 3000 {
		s.Series = append(s.Series, board.Series{Labels: labels.FromStrings("task", "many", "i", strings.Repeat("x", i%7)+time.Duration(i).String())})
	}
	o.Board.Publish(s)
	h := New(o)
	short := get(t, h, "/tasks?task=many")
	require.Equal(t, tableRows, strings.Count(short, `<td class="name">`))
	require.Contains(t, short, "200 of 3000 shown")
	require.Contains(t, short, "Show more")
	long := get(t, h, "/tasks?task=many&limit=100000")
	require.Equal(t, maxRows, strings.Count(long, `<td class="name">`))
	require.NotContains(t, long, "Show more")
	require.Equal(t, http.StatusOK, ask(h, http.MethodGet, "/series?task=many").Code)
}

// Queries that nobody types cost no more than others.
func TestHugeQueriesAreCheap(t *testing.T) {
	snapshot := fake(t).Board.Task("requests")
	q := url.Values{"task": {"requests"}}
	for i := range 100_000 {
		q.Set("absent"+strconv.Itoa(i), "")
	}
	if rows := find(snapshot, q); rows != nil {
		t.Errorf("%d series have a hundred thousand labels", len(rows))
	}
	search := filter{Search: strings.Repeat("pod ", 25) + "nowhere", Limit: 10}
	if rows, _ := search.choose(snapshot); len(rows) == 0 {
		t.Error("words beyond the twentieth are looked for")
	}
}
