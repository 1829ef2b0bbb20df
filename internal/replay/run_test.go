package replay

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// daily is a series with a daily season and a little noise that depends on nothing but the moment.
func daily(i int) float64 {
	return 10 + 3*math.Sin(2*math.Pi*float64(i)/24) + 0.2*math.Sin(float64(i*i))
}

func task(change func(*config.Task)) *config.Task {
	above := 12.5
	t := &config.Task{
		Name: "t", Expr: "x", Step: model.Duration(hour), History: model.Duration(14 * 24 * hour), Level: 0.9, Season: config.Season{Auto: true},
		Horizons: []model.Duration{model.Duration(6 * hour)}, GroupBy: []string{"zone"},
		Anomaly:   config.Anomaly{Direction: "both", FalseEventsPerWeek: 0.3, Settle: model.Duration(24 * hour)},
		Threshold: &config.Threshold{Above: &above}, Alert: &config.Alert{},
		Outputs: []board.Group{board.GroupExpected, board.GroupAnomaly, board.GroupForecast, board.GroupObserved},
	}
	change(t)
	return t
}

// rows gives the samples of a series in [0, n) hours from the origin.
func rows(n int, value func(int) float64) []source.Sample {
	out := make([]source.Sample, n)
	for i := range out {
		out[i] = source.Sample{T: origin.Add(hour * time.Duration(i)).UnixMilli(), V: value(i)}
	}
	return out
}

// everything is a rule that reads all of Foresight's metrics.
var everything = Rule{Rule: rulefmt.Rule{Expr: `{__name__=~"foresight_.+"}`}}

func play(t *testing.T, h *History, from int, rules ...Rule) *Played {
	t.Helper()
	done := 0
	life := Life{origin, origin.Add(hour * time.Duration(from))}
	p, err := Play(t.Context(), h, life, rules, func() { done++ })
	require.NoError(t, err)
	require.Equal(t, h.Moments(life), done)
	return p
}

// present gives the values that are not NaN, the first of them at start.
func present(start, step int64, values []float64) (out []promql.FPoint) {
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, promql.FPoint{T: start + int64(i)*step, F: v})
		}
	}
	return out
}

// historyOf gives a history of hours from the origin on, of series by their instance, in zone z or what follows a slash.
func historyOf(c *config.Task, series map[string][]float64) *History {
	index := map[uint64]int{}
	n := 0
	for _, values := range series {
		n = max(n, len(values))
	}
	h := newHistory(c, origin.UnixMilli(), origin.Add(hour*time.Duration(n-1)).UnixMilli())
	for name, values := range series {
		instance, zone, ok := strings.Cut(name, "/")
		if !ok {
			zone = "z"
		}
		var samples []source.Sample
		for i, v := range values {
			if !math.IsNaN(v) {
				samples = append(samples, source.Sample{T: h.at(i), V: v})
			}
		}
		h.series.add(index, labels.FromStrings("instance", instance, "zone", zone), samples)
	}
	return h
}

// TestPlayIsCausal replays a history and its beginning: what was said up to there is the same.
func TestPlayIsCausal(t *testing.T) {
	const all, part, from = 500, 430, 360
	limit := 15.0
	c := task(func(c *config.Task) {
		c.Exhaustion = &config.Exhaustion{Limit: &limit, Within: []model.Duration{model.Duration(24 * hour)}, Direction: "rising"}
		c.Outputs = append(c.Outputs, board.GroupExhaustion)
	})
	strange := func(i int) float64 {
		if i >= part {
			return daily(i) * 3
		}
		return daily(i)
	}
	history := func(n int) *History {
		h, err := FromRows(c, map[string][]source.Sample{"a": rows(n, strange)})
		require.NoError(t, err)
		return h
	}
	ahead := Rule{Rule: rulefmt.Rule{Expr: "foresight_expected offset -3h"}}
	long, short := play(t, history(all), from, everything, ahead), play(t, history(part), from, everything, ahead)
	require.NotEmpty(t, short.exported.series)
	full := map[string]int{} // a later event has a series of its own
	for i, c := range long.exported.series {
		full[c.Metric.String()] = i
	}
	said := 0
	for _, c := range short.exported.series {
		i, ok := full[c.Metric.String()]
		require.True(t, ok, c.Metric.String())
		require.Equal(t, c.Floats, long.exported.series[i].Floats[:len(c.Floats)], c.Metric.String())
		said += len(c.Floats)
	}
	require.Greater(t, said, 10*(part-from))
	for i, c := range short.ahead {
		require.Equal(t, c, long.ahead[i])
	}
	require.Len(t, short.ahead[0][0].points, 4)
}

// TestPlaySaysWhatTheForecasterSays compares with a forecaster that is driven as the live engine drives it.
func TestPlaySaysWhatTheForecasterSays(t *testing.T) {
	c := task(func(*config.Task) {})
	h, err := FromRows(c, map[string][]source.Sample{"a": rows(400, daily)})
	require.NoError(t, err)
	p := play(t, h, 0, everything)
	f := models.New(c.ModelOptions())
	var expected, forecast []promql.FPoint
	for i, v := range p.Series[0].Values {
		a := f.Observe(h.at(i), v)
		if f.Due() {
			f.Refit()
		}
		if f.Info().Status != models.WarmingUp {
			expected = append(expected, promql.FPoint{T: h.at(i), F: a.Expected.Mean})
			forecast = append(forecast, promql.FPoint{T: h.at(i), F: f.Forecast(nil, []time.Duration{6 * hour}, []float64{0.9})[0].Mean})
		}
	}
	ls := labels.FromStrings("task", "t", "series", "a")
	require.Equal(t, expected[1:], p.exported.find(named(ls, board.Expected))) // at the first fit there was no expectation
	require.Equal(t, forecast, p.exported.find(labels.NewBuilder(named(ls, board.Forecast)).Set("horizon", "6h").Labels()))
	require.Greater(t, p.Accuracy[0].Forecasts, 300)
	require.Greater(t, float64(p.Accuracy[0].SkillLinear), 0.5)
}

// While a series is ambiguous nothing is said of it, not even what was said last.
func TestNothingIsSaidOfAnAmbiguousSeries(t *testing.T) {
	h := newHistory(task(func(c *config.Task) { c.By = []string{"s"} }), origin.UnixMilli(), origin.Add(399*hour).UnixMilli())
	index := map[uint64]int{}
	h.series.add(index, labels.FromStrings("s", "a", "pod", "old"), rows(355, daily))
	h.series.add(index, labels.FromStrings("s", "a", "pod", "new"), rows(400, daily)[347:]) // for three steps it may be
	p := play(t, h, 349, everything)
	for _, m := range []board.Metric{board.Expected, board.AnomalyScore, board.Observed} {
		said := p.exported.find(named(labels.FromStrings("task", "t", "s", "a", "pod", "new"), m))
		require.Len(t, said, 46, m.Name)
		require.Equal(t, []int64{h.at(349), h.at(355)}, []int64{said[0].T, said[1].T}, m.Name)
	}
}

func TestGroupsAreShared(t *testing.T) {
	c := task(func(*config.Task) {})
	all := map[string][]float64{}
	for zone, peak := range map[string]float64{"a": 50, "b": 10} {
		values := make([]float64, 400)
		for i := range values {
			values[i] = daily(i)
		}
		values[390] = peak
		all[zone+"/"+zone] = values
	}
	h := historyOf(c, all)
	p := play(t, h, 389, everything)
	share := func(zone string) []float64 {
		var out []float64
		for _, one := range p.exported.find(named(labels.FromStrings("task", "t", "zone", zone), board.AnomalousSeriesRatio)) {
			out = append(out, one.F)
		}
		return out
	}
	require.Equal(t, []float64{0, 1}, share("a")[:2])
	require.Equal(t, 0.0, share("b")[0])
}

// TestReadAhead has a threshold alert that reads the future fire as many hours before the daily peak as it reads ahead.
func TestReadAhead(t *testing.T) {
	c := task(func(*config.Task) {})
	h, err := FromRows(c, map[string][]source.Sample{"a": rows(24*20, daily)})
	require.NoError(t, err)
	rules := Rules(c, []rulefmt.RuleGroup{{Rules: []rulefmt.Rule{{
		Alert: "Predicted", Expr: `max_over_time(foresight_expected{task="t"}[5h:1h] offset -5h) > 12.5`,
		Labels: map[string]string{"task_threshold": "above"},
	}}}})
	require.Equal(t, 5*hour, rules[0].Within)
	p := play(t, h, 24*15, rules...)
	alerts, err := p.Try(t.Context(), nil, rules)
	require.NoError(t, err)
	require.Empty(t, alerts[0].Left)
	require.GreaterOrEqual(t, alerts[0].CameTrue, 4, "of the five peaks")
	require.InDelta(t, 5, float64(alerts[0].LeadHours), 1)
}

// TestPredictLinear compares with PromQL's own function.
func TestPredictLinear(t *testing.T) {
	values := make([]float64, 40)
	for i := range values {
		values[i] = daily(i) + float64(i)/3
	}
	values[33] = math.NaN()
	s := &store{}
	s.add(labels.FromStrings("__name__", "x"), present(origin.UnixMilli(), hour.Milliseconds(), values))
	tallies := newTallies([]time.Duration{6 * hour, 20 * hour}, hour.Milliseconds())
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: hour, Parser: newParser()})
	for i, expr := range []string{"predict_linear(x[12h], 6*3600)", "predict_linear(x[20h], 20*3600)"} {
		v, err := promrules.EngineQueryFunc(engine, s)(t.Context(), expr, origin.Add(39*hour))
		require.NoError(t, err)
		require.InDelta(t, v[0].F, tallies[i].predictLinear(values, 39), 1e-9)
	}
	require.Equal(t, values[39+6-24], tallies[0].seasonalNaive(values, 39, 24))
	require.Equal(t, values[39], tallies[0].seasonalNaive(values, 39, 1))
	require.Equal(t, values[39+20-24], tallies[1].seasonalNaive(values, 39, 24))
}

func TestReports(t *testing.T) {
	c := task(func(*config.Task) {})
	h, err := FromRows(c, map[string][]source.Sample{"a": rows(400, daily), `<b>"`: rows(390, daily)})
	require.NoError(t, err)
	rules := Rules(c, []rulefmt.RuleGroup{{Rules: []rulefmt.Rule{
		{Alert: "Crossed", Expr: "x > 12.5", Labels: map[string]string{"task_threshold": "above"}},
		{Alert: "Predicted", Expr: `max without (horizon) (foresight_forecast{task="t"}) > 12.5`, Labels: map[string]string{"task_threshold": "above"}},
	}}})
	p := play(t, h, 300, rules...)
	alerts, err := p.Try(t.Context(), nil, rules)
	require.NoError(t, err)
	reports := []*Report{p.Report(alerts)}
	for name, want := range map[string]struct {
		write func(*strings.Builder) error
		parts []string
	}{
		"table": {func(b *strings.Builder) error { return WriteTable(b, reports) }, []string{"Task t: 2 series, 2026-03-14 12:00 to 2026-03-18 15:00 (0.6 weeks)", "6h ahead ", "Predicted above "}},
		"json":  {func(b *strings.Builder) error { return WriteJSON(b, reports) }, []string{`"task": "t"`, `"precision": null`, `"horizon": "6h"`}},
		"html":  {func(b *strings.Builder) error { return WriteHTML(b, reports) }, []string{"<svg", "Crossed above", ".plot-line"}},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, want.write(&b))
			for _, part := range want.parts {
				require.Contains(t, b.String(), part)
			}
			if name == "html" {
				require.NotContains(t, b.String(), "<b>")
				require.NotContains(t, b.String(), "<script")
				require.NotContains(t, b.String(), "href=")
				require.NotContains(t, b.String(), "src=")
			}
		})
	}
}

func TestBudget(t *testing.T) {
	c := task(func(c *config.Task) {
		day := model.Duration(24 * hour)
		c.Threshold, c.Exhaustion = nil, &config.Exhaustion{Budget: &config.Budget{Objective: 0.99, Window: 7 * day}, Within: []model.Duration{4 * day}}
		c.Outputs = []board.Group{board.GroupExhaustion}
	})
	errors := func(i int) float64 { // 1.68 hours of errors a week are allowed
		if i >= 500 {
			return 0.03
		}
		return 0.001
	}
	h, err := FromRows(c, map[string][]source.Sample{"a": rows(600, errors)})
	require.NoError(t, err)
	rules := Rules(c, []rulefmt.RuleGroup{{Rules: []rulefmt.Rule{
		{Alert: "Predicted", Expr: `foresight_exhaustion_probability_ratio{within="4d"} >= 0.5`, Labels: map[string]string{"within": "4d"}},
	}}})
	p := play(t, h, 400, rules...)
	alerts, err := p.Try(t.Context(), nil, rules)
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 1, 0}, []int{alerts[0].Alarms, alerts[0].CameTrue, alerts[0].Events, alerts[0].Missed})
	require.InDelta(t, 48, float64(alerts[0].LeadHours), 12)
}

// TestPeers has one of four siblings go its own way in the last day.
func TestPeers(t *testing.T) {
	c := task(func(*config.Task) {})
	all := map[string][]float64{}
	for k, name := range []string{"a", "b", "c", "odd"} {
		values := make([]float64, 400)
		for i := range values {
			values[i] = daily(i) + 0.1*float64(k)
			if name == "odd" && i >= 376 {
				values[i] *= 4
			}
		}
		all[name] = values
	}
	h := historyOf(c, all)
	p := play(t, h, 350, everything)
	last := func(instance string) float64 {
		points := p.exported.find(named(labels.FromStrings("task", "t", "zone", "z", "instance", instance), board.PeerScore))
		require.NotEmpty(t, points, instance)
		return points[len(points)-1].F
	}
	require.Greater(t, last("odd"), 1.0)
	for _, name := range []string{"a", "b", "c"} {
		require.Less(t, last(name), 1.0, name)
	}
}
