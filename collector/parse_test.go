package collector

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// parse reads a scrape as Prometheus does and gives its samples by series. It fails on whatever would make Prometheus
// refuse the scrape or a sample of it.
func parse(t testing.TB, body []byte, contentType string) map[string]float64 {
	t.Helper()
	p, err := textparse.New(body, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	require.NoError(t, err)
	samples := map[string]float64{}
	families := map[string]bool{}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return samples
		}
		require.NoError(t, err, string(body))
		switch entry {
		case textparse.EntryType:
			name, _ := p.Type()
			require.False(t, families[string(name)], "family %s twice", name)
			families[string(name)] = true
		case textparse.EntrySeries:
			_, timestamp, value := p.Series()
			require.Nil(t, timestamp)
			var ls labels.Labels
			p.Labels(&ls)
			duplicate, has := ls.HasDuplicateLabelNames()
			require.False(t, has, "label %s twice in %s", duplicate, ls)
			ls.Range(func(l labels.Label) {
				require.True(t, utf8.ValidString(l.Value) && model.UTF8Validation.IsValidLabelName(l.Name), ls.String())
			})
			key := ls.WithoutEmpty().String()
			_, has = samples[key]
			require.False(t, has, "series %s twice", key)
			samples[key] = value
		default:
		}
	}
}

func TestParseBack(t *testing.T) {
	for _, accept := range []string{"", openMetrics, openMetrics + ";escaping=allow-utf-8"} {
		w := scrape(t, New(everything(), self(), Options{}), "Accept", accept)
		got := parse(t, w.Body.Bytes(), w.Header().Get("Content-Type"))
		for series, want := range map[string]float64{
			`{__name__="foresight_expected", instance="db-1:9100", job="node", mountpoint="/data", task="disk"}`:                                  1.5e9,
			`{__name__="foresight_expected", mountpoint="C:\\\"new\"\nline", task="disk"}`:                                                        -0.25,
			`{__name__="foresight_time_to_exhaustion_seconds", mountpoint="C:\\\"new\"\nline", probability="0.1", task="disk"}`:                   math.Inf(1),
			`{__name__="foresight_series_info", model="none", mountpoint="/tmp", season="none", state="too_short", task="disk"}`:                  1,
			`{__name__="foresight_task_series", state="no_limit", task="new"}`:                                                                    0,
			`{__name__="foresight_task_missed_evaluations_total", task="disk"}`:                                                                   3,
			`{__name__="foresight_task_origin_timestamp_seconds", task="disk"}`:                                                                   1700000100.5,
			`{__name__="foresight_task_last_success_timestamp_seconds", task="new"}`:                                                              0,
			`{__name__="foresight_anomalous_series_ratio", job="node", task="disk"}`:                                                              0.5,
			`{__name__="foresight_source_queries_total"}`:                                                                                         12,
			`{__name__="foresight_forecast", horizon="1d", instance="db-1:9100", job="node", mountpoint="/data", task="disk"}`:                    1.8e9,
			`{__name__="foresight_exhaustion_probability_ratio", instance="db-1:9100", job="node", mountpoint="/data", task="disk", within="4d"}`: 0.96,
		} {
			require.Contains(t, got, series)
			require.InDelta(t, want, got[series], 0, series)
		}
		require.NotContains(t, got, `{__name__="foresight_expected", mountpoint="/tmp", task="disk"}`)
		require.NotContains(t, got, `{__name__="foresight_task_origin_timestamp_seconds", task="new"}`)
		require.NotContains(t, got, `{__name__="foresight_series_info", exported_horizon="near", model="naive", season="1d", service_name="checkout", state="ok", task="latency"}`)
	}
}

// one is a board of one task with the label sets and their index as value.
func one(sets ...labels.Labels) *board.Board {
	s := &board.Snapshot{Task: "t", Groups: board.Groups}
	column := board.Column{Metric: board.Forecast, Label: "horizon", LabelValue: "6h"}
	for i, ls := range sets {
		s.Series = append(s.Series, board.Series{Labels: ls, State: models.StateOK, Model: "naive", Season: "none"})
		column.Values = append(column.Values, float64(i))
	}
	s.Columns = []board.Column{column}
	b := &board.Board{}
	b.Publish(s)
	return b
}

func TestLabelNames(t *testing.T) {
	for _, tc := range []struct {
		name   string
		labels []labels.Labels
		accept string
		want   []string // label text of foresight_forecast
	}{
		{"job and instance are empty where the series lacks them", []labels.Labels{labels.FromStrings("a", "1", "task", "t")}, "", []string{`task="t",a="1",job="",instance=""`}},
		{"an empty label is left out", []labels.Labels{labels.FromStrings("a", "", "job", "", "task", "t")}, "", []string{`task="t",job="",instance=""`}},
		{"own labels move", []labels.Labels{labels.FromStrings("horizon", "h", "model", "m", "task", "other")}, "", []string{`task="t",exported_horizon="h",exported_model="m",exported_task="other",job="",instance=""`}},
		{"and move on", []labels.Labels{labels.FromStrings("exported_state", "e", "state", "s")}, "", []string{`task="t",exported_exported_state="s",exported_state="e",job="",instance=""`}},
		{"two series that moving makes equal go out once", []labels.Labels{labels.FromStrings("exported_state", "s"), labels.FromStrings("state", "s")}, "", []string{`task="t",exported_state="s",job="",instance=""`}},
		{"equal series go out once", []labels.Labels{labels.FromStrings("a", "s"), labels.FromStrings("a", "s")}, "", []string{`task="t",a="s",job="",instance=""`}},
		{"UTF-8 as it is", []labels.Labels{labels.FromStrings("service.name", "s", `q"`, "x")}, openMetrics + ";escaping=allow-utf-8", []string{`task="t","q\""="x","service.name"="s",job="",instance=""`}},
		{"UTF-8 with underscores", []labels.Labels{labels.FromStrings("service.name", "s")}, "", []string{`task="t",service_name="s",job="",instance=""`}},
		{"UTF-8 that underscores make equal", []labels.Labels{labels.FromStrings("service.name", "s", "service_name", "t", "service-name", "u")}, "", []string{`task="t",service_name="t",service_name_="u",service_name__="s",job="",instance=""`}},
		{"a colon is no label name", []labels.Labels{labels.FromStrings("a:b", "s")}, "", []string{`task="t",a_b="s",job="",instance=""`}},
		{"series that escaping makes equal", []labels.Labels{labels.FromStrings("a.b", "s"), labels.FromStrings("a_b", "s"), labels.FromStrings("a_b", "t")}, "", []string{`task="t",a_b="s",job="",instance=""`, `task="t",a_b="t",job="",instance=""`}},
		{"a label without a name is left out", []labels.Labels{labels.FromStrings("", "x", "a", "1")}, "", []string{`task="t",a="1",job="",instance=""`}},
		{"not UTF-8", []labels.Labels{labels.FromStrings("a", "\xff"), labels.FromStrings("a", "\uFFFD")}, "", []string{`task="t",a="` + "\uFFFD" + `",job="",instance=""`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := scrape(t, New(one(tc.labels...), nil, Options{}), "Accept", tc.accept)
			var got []string
			for line := range strings.Lines(w.Body.String()) {
				if rest, ok := strings.CutPrefix(line, "foresight_forecast{"); ok {
					text, _, _ := strings.Cut(rest, `,horizon="6h"}`)
					got = append(got, text)
				}
			}
			require.Equal(t, tc.want, got)
			parse(t, w.Body.Bytes(), w.Header().Get("Content-Type"))
		})
	}
}

func FuzzLabels(f *testing.F) {
	for _, s := range []string{"", "plain", `C:\`, `"`, "\n", "a\nb\\n\"", "\x00", "\xff\xfe", "=,{}", "# HELP", "é", "task", "horizon", "service.name", "U__a_", "a:b", "__name__", "job", "1d", " "} {
		f.Add("name", s, "other", s)
		f.Add(s, "v", "service_name", "w")
	}
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		set := map[string]string{"task": "t"}
		for name, value := range map[string]string{name1: value1, name2: value2} {
			if name != "" && utf8.ValidString(name) {
				set[name] = value
			}
		}
		b := one(labels.FromMap(set), labels.FromMap(map[string]string{"task": "t", "z": value1}))
		for _, accept := range []string{"", openMetrics, openMetrics + ";escaping=allow-utf-8", "text/plain;version=0.0.4;escaping=allow-utf-8", openMetrics + ";escaping=dots", openMetrics + ";escaping=values"} {
			w := scrape(t, New(b, nil, Options{}), "Accept", accept)
			samples := parse(t, w.Body.Bytes(), w.Header().Get("Content-Type"))
			z := labels.FromStrings(model.MetricNameLabel, "foresight_forecast", "horizon", "6h", "task", "t", "z", strings.ToValidUTF8(value1, "\uFFFD"))
			_, ok := samples[z.WithoutEmpty().String()]
			require.True(t, ok, "%s of %v in\n%s", z, samples, w.Body)
		}
	})
}

func TestValues(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "+Inf": math.Inf(1), "-Inf": math.Inf(-1), "1e+300": 1e300, "0.1": 0.1,
		"5e-324": math.SmallestNonzeroFloat64, "1.7976931348623157e+308": math.MaxFloat64, "123456789": 123456789, "1700000100.5": 1700000100.5, "1e+15": 1e15, "0.001": 0.001, "0.00099": 0.00099, "9.9e-05": 9.9e-5,
	} {
		require.Equal(t, want, string(appendValue(nil, v)))
	}
	require.Equal(t, "0", string(appendValue(nil, math.Copysign(0, -1))))
}

func TestTablesAreKeptWhileLabelsStay(t *testing.T) {
	var c tables
	get := func(b *board.Board, scheme model.EscapingScheme) *table { return c.of(b.Snapshots(), scheme)[0] }
	set := func(v string) labels.Labels { return labels.FromStrings("a", v, "task", "t") }

	first := get(one(set("1"), set("2")), model.UnderscoreEscaping)
	require.Same(t, first, get(one(set("1"), set("2")), model.NoEscaping), "plain names are the same in each scheme")
	changed := get(one(set("1"), set("3")), model.NoEscaping)
	require.NotSame(t, first, changed)
	require.Equal(t, `task="t",a="3",job="",instance=""`, string(changed.series(1)))

	dotted := one(labels.FromStrings("a.b", "1", "task", "t"))
	quoted, escaped := get(dotted, model.NoEscaping), get(dotted, model.UnderscoreEscaping)
	require.NotSame(t, quoted, escaped)
	require.Same(t, quoted, get(dotted, model.NoEscaping))
	c.of(nil, model.NoEscaping)
	require.Empty(t, c.tasks, "tasks that are gone are forgotten")
}

// large is a board of n series and twelve values each.
func large(n int) *board.Board {
	s := &board.Snapshot{Task: "node_cpu", Origin: 1700000000000}
	for i := range n {
		s.Series = append(s.Series, board.Series{Labels: labels.FromStrings("task", "node_cpu", "instance", fmt.Sprintf("10.0.%d.%d:9100", i/250, i%250),
			"job", "node-exporter", "namespace", "monitoring", "pod", fmt.Sprintf("node-exporter-%06x", i*7919), "cluster", "eu-west-1-production")})
	}
	s.States[models.StateOK] = n
	column := func(m board.Metric, label, value string) {
		c := board.Column{Metric: m, Label: label, LabelValue: value, Values: make([]float64, n)}
		for i := range c.Values {
			c.Values[i] = 1e3 * math.Sin(float64(i*len(s.Columns)))
		}
		s.Columns = append(s.Columns, c)
	}
	for _, m := range board.SeriesMetrics[:5] {
		column(m, "", "")
	}
	for _, m := range board.SeriesMetrics[6:9] {
		column(m, "horizon", "6h")
		column(m, "horizon", "1d")
	}
	column(board.Observed, "", "")
	b := &board.Board{}
	b.Publish(s)
	return b
}

func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		c := New(large(n), nil, Options{})
		for _, format := range []expfmt.Format{negotiate(nil), expfmt.NewFormat(expfmt.TypeOpenMetrics)} {
			name, _, _ := strings.Cut(string(format), ";")
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.write(io.Discard, format)
				}
			})
		}
		b.Run(fmt.Sprintf("%d/gzip", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				z := c.zip(io.Discard)
				c.write(z, negotiate(nil))
				require.NoError(b, z.Close())
				c.zips.Put(z)
			}
		})
		b.Run(fmt.Sprintf("%d/labels changed", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.tables.of(nil, model.NoEscaping)
				c.tables.of(c.board.Snapshots(), model.NoEscaping)
			}
		})
	}
}
