package anonymous

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

func TestOf(t *testing.T) {
	at := func(s string) int64 {
		m, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return m.UnixMilli()
	}
	for _, c := range []struct {
		name         string
		series       [][]source.Sample
		from, to     string
		value, scale float64
	}{
		{"a Thursday afternoon stays one", [][]source.Sample{{{T: at("2026-03-05T15:04:05Z"), V: -20}, {T: at("2026-03-05T15:09:05Z"), V: 5}}}, "2026-03-05T15:04:05Z", "2001-01-04T15:04:05Z", 10, 0.5},
		{"before 2001 too", [][]source.Sample{{{T: at("1969-12-31T23:59:59Z"), V: 2}}}, "1969-12-31T23:59:59Z", "2001-01-03T23:59:59Z", 1, 0.5},
		{"the first moment", [][]source.Sample{{{T: monday, V: 1}}}, "2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z", 7, 7},
		{"one transform for all", [][]source.Sample{{{T: at("2026-03-16T00:00:00Z"), V: 1}}, {{T: at("2026-03-02T00:00:00Z"), V: 4}}}, "2026-03-16T00:00:00Z", "2001-01-15T00:00:00Z", 1, 0.25},
		{"zeros and missing samples", [][]source.Sample{{{T: monday + week, V: 0}, {T: monday + 2*week, V: math.NaN()}}}, "2001-01-08T00:00:00Z", "2001-01-01T00:00:00Z", 3, 3},
		{"nothing", nil, "2026-03-16T00:00:00Z", "2026-03-16T00:00:00Z", 3, 3},
	} {
		got := Of(c.series...)
		require.Equal(t, c.to, time.UnixMilli(got.Time(at(c.from))).UTC().Format(time.RFC3339), c.name)
		require.Equal(t, c.scale, got.Value(c.value), c.name)
	}
}

// TestShape: whatever the series, distances in time, the time of the week, zero, signs, order and proportions stay, and the
// series is left as it was.
func TestShape(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		s := make([]source.Sample, 1+r.IntN(50))
		size := math.Pow(10, -300+600*r.Float64())
		for i := range s {
			s[i] = source.Sample{T: r.Int64N(4e12) - 2e12, V: size * r.NormFloat64()}
			switch r.IntN(10) {
			case 0:
				s[i].V = 0
			case 1:
				s[i].V = math.NaN()
			}
		}
		before := append([]source.Sample(nil), s...)
		got := Of(s).Apply(s)
		require.Len(t, got, len(s))
		first := got[0].T
		for i, p := range got {
			first = min(first, p.T)
			require.Equal(t, before[i].T, s[i].T)
			require.Equal(t, math.Float64bits(before[i].V), math.Float64bits(s[i].V))
			require.Equal(t, s[i].T-s[0].T, p.T-got[0].T)
			require.Zero(t, (p.T-s[i].T)%week)
			require.Equal(t, math.IsNaN(s[i].V), math.IsNaN(p.V))
			if math.IsNaN(p.V) {
				continue
			}
			require.LessOrEqual(t, math.Abs(p.V), 1.0)
			require.Equal(t, math.Signbit(s[i].V), math.Signbit(p.V))
			for j, q := range got[:i] {
				require.Equal(t, s[i].V < s[j].V, p.V < q.V)
			}
		}
		require.GreaterOrEqual(t, first, int64(monday))
		require.Less(t, first, monday+week)
	}
}

// days returns three weeks of a daily and weekly pattern with noise, gaps and, at the end, an event.
func days() []source.Sample {
	r := rand.New(rand.NewPCG(3, 4))
	begin := time.Date(2026, 2, 11, 13, 15, 0, 0, time.UTC).UnixMilli()
	var s []source.Sample
	for i := range 21 * 96 {
		v := 7_340_032 * (2 + math.Sin(2*math.Pi*float64(i%96)/96) + 0.1*r.NormFloat64())
		if i/96%7 > 4 {
			v *= 0.6
		}
		if i/96 == 19 && i%96 > 40 && i%96 < 48 {
			v *= 2.5
		}
		if i%97 != 0 {
			s = append(s, source.Sample{T: begin + int64(i)*step.Milliseconds(), V: v})
		}
	}
	return s
}

const step = 15 * time.Minute

// judge returns the score and the expectation of each sample, then forecasts for an hour and a day after the last.
func judge(s []source.Sample) (scores, expected []float64, next []models.Forecast) {
	f := models.New(&models.Options{Step: step, Level: 0.95, Anomaly: &models.AnomalyOptions{FalseEventsPerWeek: 0.3, Above: true, Below: true}})
	for _, p := range s {
		a := f.Observe(p.T, p.V)
		if f.Due() {
			f.Refit()
		}
		scores, expected = append(scores, a.Value), append(expected, a.Expected.Mean)
	}
	return scores, expected, f.Forecast(nil, []time.Duration{time.Hour, 24 * time.Hour}, []float64{0.95})
}

// TestExactlyJudgedAlike: with a power of two, the models say of the anonymous series what they say of the series.
func TestExactlyJudgedAlike(t *testing.T) {
	s := days()
	transform := Of(s).Exact()
	wantScores, wantExpected, want := judge(s)
	scores, expected, next := judge(transform.Apply(s))
	require.Equal(t, wantScores, scores)
	for i, v := range wantExpected {
		require.Equal(t, math.Float64bits(transform.Value(v)), math.Float64bits(expected[i]), "expectation %d", i)
	}
	require.Len(t, next, 2)
	for i := range want {
		require.Equal(t, transform.Value(want[i].Mean), next[i].Mean)
		require.Equal(t, transform.Value(want[i].Lower[0]), next[i].Lower[0])
		require.Equal(t, transform.Value(want[i].Upper[0]), next[i].Upper[0])
	}
}

// TestJudgedAlike: without, the event is one of the same samples. Where a score is just at 1, rounding may make an event or
// none, and what follows differs for hours: of all scores and expectations, one in twenty at most, by more than 5 % of 1
// plus the score and 2 % of the largest value. The centres of forecasts differ by at most that.
func TestJudgedAlike(t *testing.T) {
	s := days()
	transform := Of(s)
	wantScores, wantExpected, want := judge(s)
	scores, expected, next := judge(transform.Apply(s))
	event, differ := 0, 0
	worst, alike := 0.0, 0.0 // scores within the event
	for i, p := range s {
		require.Equal(t, math.IsNaN(wantExpected[i]), math.IsNaN(expected[i]), "expectation %d", i)
		slot := (p.T-s[0].T)/step.Milliseconds() + 1
		switch {
		case slot/96 == 19 && slot%96 > 40 && slot%96 < 48:
			event++
			worst, alike = max(worst, wantScores[i]), max(alike, scores[i])
		case math.Abs(wantScores[i]-scores[i]) > 0.05*(1+wantScores[i]), math.Abs(transform.Value(wantExpected[i])-expected[i]) > 0.02:
			differ++
		}
	}
	require.Equal(t, 7, event)
	require.Greater(t, worst, 1.0)
	require.Greater(t, alike, 1.0)
	require.Less(t, differ, len(s)/20)
	require.Len(t, next, 2)
	for i := range want {
		require.InDelta(t, transform.Value(want[i].Mean), next[i].Mean, 0.02)
	}
}

func TestExact(t *testing.T) {
	for _, c := range []struct{ largest, want float64 }{
		{1, 1}, {3, 4}, {4, 4}, {0.3, 0.5}, {1e-320, 0x1p-1063}, {math.MaxFloat64, 0x1p1023},
	} {
		require.Equal(t, c.want, Transform{largest: c.largest}.Exact().largest, "of %v", c.largest)
	}
}
