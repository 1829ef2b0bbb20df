package plot

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const hour = int64(3600000)

var noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC).UnixMilli()

// wellFormed fails unless the drawing is XML that nothing runs from and nothing is loaded by.
func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, svg)
		if start, ok := token.(xml.StartElement); ok {
			require.Contains(t, []string{"svg", "title", "path", "rect", "text"}, start.Name.Local)
			for _, a := range start.Attr {
				require.NotContains(t, a.Value, "NaN", svg)
				require.NotContains(t, a.Value, "Inf", svg)
				require.False(t, a.Name.Local == "style" || a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on"), a.Name.Local)
			}
		}
	}
}

func full() *Chart {
	return &Chart{
		Label: "Disk <data>", Width: 600, Height: 240, From: noon - 6*hour, To: noon + 6*hour, Now: noon, Legend: true,
		Spans:  []Span{{Name: "anomaly", Kind: Anomaly, From: noon - 2*hour, To: noon - hour}},
		Bands:  []Band{{Name: "95 % interval", Kind: Forecast, Edges: []Edge{{noon, 9, 11}, {noon + hour, math.NaN(), 12}, {noon + 2*hour, 10, 14}, {noon + 6*hour, 10, 18}}}},
		Levels: []Level{{Name: "limit", Kind: Limit, V: 20}},
		Ranges: []Range{{Name: "reached", Kind: Limit, V: 20, From: noon + 2*hour, Mid: noon + 4*hour, To: noon + 40*hour}},
		Lines: []Line{
			{Name: "observed", Kind: Observed, Gap: 2 * hour, Points: []Point{{noon - 6*hour, 4}, {noon - 5*hour, 5}, {noon - 2*hour, 8}, {noon - hour, math.NaN()}, {noon, 10}}},
			{Name: "forecast", Kind: Forecast, Points: []Point{{noon, 10}, {noon + 6*hour, 14}}},
		},
		Tips: []Tip{{noon - 3*hour, "a < b"}, {noon, `"now"`}, {noon + 3*hour, "c\nd"}},
	}
}

func TestGolden(t *testing.T) {
	got := full().SVG()
	wellFormed(t, got)
	file := filepath.Join("testdata", "full.svg")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "go test ./internal/plot -update rewrites the file")
}

func TestOddCharts(t *testing.T) {
	line := func(values ...float64) *Chart {
		c := &Chart{Width: 300, Height: 100, From: noon, To: noon + hour, Lines: []Line{{Kind: Observed}}}
		for i, v := range values {
			c.Lines[0].Points = append(c.Lines[0].Points, Point{noon + int64(i)*60000, v})
		}
		return c
	}
	for name, c := range map[string]*Chart{
		"empty":           {Width: 300, Height: 100, From: noon, To: noon + hour},
		"no time":         {Width: 300, Height: 100, From: noon, To: noon},
		"one value":       line(3),
		"constant":        line(7, 7, 7),
		"zero":            line(0, 0),
		"not finite":      line(math.NaN(), math.Inf(1), math.Inf(-1)),
		"huge":            line(-math.MaxFloat64, math.MaxFloat64),
		"tiny":            line(0, math.SmallestNonzeroFloat64),
		"nearly constant": line(1e15, 1e15+1),
		"1e300":           line(1e300, 1.0000001e300),
		"hostile":         {Label: `</title><script>alert(1)</script>`, Width: 300, Height: 100, From: noon, To: noon + hour, Legend: true, Lines: []Line{{Name: `"><img onerror=x>`}}, Tips: []Tip{{noon, "<b>"}}},
		"centuries":       {Width: 300, Height: 100, From: 0, To: noon * 10},
		"limit only":      {Width: 300, Height: 100, From: noon, To: noon + hour, Levels: []Level{{V: math.Inf(1)}, {V: math.NaN()}}},
		"range beyond":    {Width: 300, Height: 100, From: noon, To: noon + hour, Ranges: []Range{{From: noon + 2*hour, Mid: noon + 3*hour, To: noon + 4*hour}}},
	} {
		t.Run(name, func(t *testing.T) { wellFormed(t, c.SVG()) })
	}
}

func TestBandsDontDwarfLines(t *testing.T) {
	c := &Chart{
		Lines: []Line{{Points: []Point{{0, 10}, {1, 20}}}},
		Bands: []Band{{Edges: []Edge{{0, -1e6, 1e6}, {1, 12, 13}}}},
	}
	low, high := c.extent()
	require.InDelta(t, 0, low, 1e-9)
	require.InDelta(t, 30, high, 1e-9)
	c.Levels = []Level{{V: 100}}
	_, high = c.extent()
	require.InDelta(t, 100, high, 1e-9, "a level is always in view")
}

func TestLine(t *testing.T) {
	f := frame{right: 100, bottom: 10, from: 0, to: 100, high: 10}
	require.Equal(t, "M0 10h0L10 9M50 5h0", f.line(Line{Gap: 20, Points: []Point{{0, 0}, {10, 1}, {50, 5}}}))
	require.Equal(t, "M0 10h0L10 9L50 5", f.line(Line{Points: []Point{{0, 0}, {10, 1}, {50, 5}}}))
	require.Equal(t, "M0 10h0M50 5h0", f.line(Line{Points: []Point{{0, 0}, {10, math.NaN()}, {50, 5}}}))
}

func TestSI(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "0.21": 0.21, "0.02134": 0.021339, "9999": 9999, "12.35k": 12345, "-12.35k": -12345, "1.503G": 1.503e9, "500G": 5e11,
		"4.2µ": 4.2e-6, "999.9k": 999900, "1000k": 999999, "1e+300": 1e300, "∞": math.Inf(1), "-∞": math.Inf(-1), "NaN": math.NaN(), "1e-20": 1e-20, "0.1": 0.1, "100": 99.99999,
	} {
		if want == "∞" {
			want = "+∞"
		}
		require.Equal(t, want, SI(v))
	}
}

func TestValueTicks(t *testing.T) {
	for _, tc := range []struct {
		low, high float64
		n         int
		want      []string
	}{
		{0, 1, 4, []string{"0", "0.5", "1.0"}},
		{0, 1, 5, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{-3, 12, 3, []string{"-5", "0", "5", "10", "15"}},
		{4.1e9, 4.9e9, 4, []string{"4.0G", "4.2G", "4.4G", "4.6G", "4.8G", "5.0G"}},
		{1000001, 1000003, 2, []string{"1.000001M", "1.000002M", "1.000003M"}},
		{1e15, 1e15 + 1, 1000, nil},
	} {
		require.Equal(t, tc.want, valueTicks(tc.low, tc.high, tc.n).labels)
	}
}

func TestTimeTicks(t *testing.T) {
	labels := func(from, to int64, n int) (out []string) {
		for _, tick := range timeTicks(from, to, n) {
			require.LessOrEqual(t, from, tick.at)
			require.LessOrEqual(t, tick.at, to)
			out = append(out, tick.label)
		}
		return out
	}
	require.Equal(t, []string{"12:00", "12:15", "12:30", "12:45", "13:00"}, labels(noon, noon+hour, 5))
	require.Equal(t, []string{"18:00", "Sun 29 Mar", "06:00", "12:00"}, labels(noon+1, noon+24*hour, 5))
	require.Equal(t, []string{"29 Mar", "5 Apr", "12 Apr", "19 Apr"}, labels(noon, noon+28*24*hour, 6))
	require.Equal(t, []string{"Mar 2026", "Jun 2026", "Sep 2026", "Dec 2026", "Mar 2027"}, labels(noon, noon+365*24*hour, 5))
}

func FuzzValueTicks(f *testing.F) {
	f.Add(0.0, 1.0, 4)
	f.Add(-1e300, 1e300, 10)
	f.Add(1.0, 1.0000000000000002, 3)
	f.Fuzz(func(t *testing.T, low, high float64, n int) {
		if !finite(low) || !finite(high) || low >= high || n < 1 || n > 20 {
			t.Skip()
		}
		ticks := valueTicks(low, high, n)
		require.LessOrEqual(t, len(ticks.at), 101)
		require.Len(t, ticks.labels, len(ticks.at))
		for i := 1; i < len(ticks.at); i++ {
			require.Less(t, ticks.at[i-1], ticks.at[i])
		}
	})
}
