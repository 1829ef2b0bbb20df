package longterm

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// business is what a service sees in a day: growth, a yearly season with a busy end of the year, weekdays and noise that
// persists.
type business struct {
	growth  float64 // a year, of the first level
	yearly  float64 // amplitude of the season
	noise   float64
	walk    float64 // how much the level wanders, a day
	doubles bool    // growth by a factor instead of a line
}

// days makes n days, and what was true of them without noise.
func (b business) days(seed uint64, n int) (seen, truth []float64) {
	rnd := rand.New(rand.NewPCG(seed, 11))
	seen, truth = make([]float64, n), make([]float64, n)
	phase, wander, ar := 2*math.Pi*rnd.Float64(), 0.0, 0.0
	for i := range n {
		years := float64(i) / 365.25
		level := 1 + b.growth*years
		if b.doubles {
			level = math.Pow(1+b.growth, years)
		}
		wander += b.walk * rnd.NormFloat64()
		ar = 0.7*ar + b.noise*rnd.NormFloat64()
		season := 1 + b.yearly*(math.Sin(2*math.Pi*years+phase)+0.4*math.Sin(4*math.Pi*years+2*phase))
		weekday := [week]float64{1.1, 1.15, 1.1, 1.05, 1, 0.8, 0.8}[i%week]
		truth[i] = 1000 * level * season * weekday * math.Exp(wander)
		seen[i] = truth[i] * (1 + ar)
	}
	return seen, truth
}

// horizons in days at which forecasts are held against what came.
var horizons = []int{30, 90, 180, 365}

// score forecasts the means of weeks at the horizons from the first days, and gives the relative errors of the model, of
// the same week a year before (or the last one where there is none) and of a line of least squares, and the coverage.
func score(b business, seeds, n int) (model, naive, line, covered [4]float64, seasons int) {
	for seed := range seeds {
		seen, _ := b.days(uint64(seed), n+horizons[3]+week)
		var m Model
		for i, v := range seen[:n] {
			m.Observe(int64(i), v, false)
		}
		m.Fit(0.95)
		w := m.Widths(0.95)
		if m.Season() {
			seasons++
		}
		weekOf := func(i int) float64 {
			s := 0.0
			for _, v := range seen[i-3 : i+4] {
				s += v / week
			}
			return s
		}
		a, slope := leastSquares(seen[:n])
		for k, h := range horizons {
			came := weekOf(n - 1 + h)
			mean, half := m.Forecast(float64(h), &w)
			model[k] += math.Abs(mean-came) / came / float64(seeds)
			if math.Abs(mean-came) <= half {
				covered[k] += 1 / float64(seeds)
			}
			ago := n - 4
			if n > 52*week+4 {
				ago = n - 1 + h - 52*week
			}
			naive[k] += math.Abs(weekOf(ago)-came) / came / float64(seeds)
			line[k] += math.Abs(a+slope*float64(n-1+h)-came) / came / float64(seeds)
		}
	}
	return model, naive, line, covered, seasons
}

func leastSquares(v []float64) (a, b float64) {
	n := float64(len(v))
	sx, sy, sxy, sxx := 0.0, 0.0, 0.0, 0.0
	for i, y := range v {
		x := float64(i)
		sx, sy, sxy, sxx = sx+x, sy+y, sxy+x*y, sxx+x*x
	}
	b = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return (sy - b*sx) / n, b
}

// TestSimulated: with two years of days, a yearly season and growth are forecast better by half than by a year ago or a
// line; without a season none is invented, and a line is forecast nearly as well as by the line itself.
func TestSimulated(t *testing.T) {
	const seeds = 40
	for _, c := range []struct {
		name    string
		b       business
		days    int
		seasons [2]int     // at least and at most found
		naive   [4]float64 // the model's error over that of a year ago, at most; 0: anything
		line    [4]float64 // and over that of a line
	}{
		{"yearly, growing, two years", business{growth: 0.3, yearly: 0.25, noise: 0.05}, 731, [2]int{38, 40}, [4]float64{0.5, 0.5, 0.5, 0.5}, [4]float64{0.5, 0.5, 0.5, 0.5}},
		{"yearly, growing, three years", business{growth: 0.3, yearly: 0.25, noise: 0.05}, 1096, [2]int{38, 40}, [4]float64{0.5, 0.5, 0.5, 0.6}, [4]float64{0.5, 0.5, 0.5, 0.5}},
		{"yearly, growing, wandering", business{growth: 0.3, yearly: 0.2, noise: 0.05, walk: 0.003}, 731, [2]int{34, 40}, [4]float64{0.5, 0.6, 0.7, 0.7}, [4]float64{0.5, 0.6, 0.7, 0.7}},
		{"growing, two years", business{growth: 0.3, noise: 0.05}, 731, [2]int{0, 2}, [4]float64{0.5, 0.5, 0.5, 0.5}, [4]float64{1.3, 1.2, 1.2, 1.6}},
		{"growing, one year", business{growth: 0.5, noise: 0.05}, 366, [2]int{0, 0}, [4]float64{1, 0.7, 0.6, 0.4}, [4]float64{1.3, 1.2, 1.3, 1.6}},
		{"doubling, one year", business{growth: 1, noise: 0.05, doubles: true}, 366, [2]int{0, 0}, [4]float64{1, 0.6, 0.5, 0.5}, [4]float64{1.1, 0.9, 0.9, 0.9}},
		{"doubling, two years", business{growth: 1, noise: 0.05, doubles: true}, 731, [2]int{0, 2}, [4]float64{0.3, 0.3, 0.3, 0.4}, [4]float64{0.7, 0.5, 0.4, 0.5}},
		{"level, one year", business{noise: 0.05}, 366, [2]int{0, 0}, [4]float64{1, 1, 1, 1.1}, [4]float64{1.3, 1.1, 1.3, 1.3}},
		{"wandering, two years", business{noise: 0.05, walk: 0.01}, 731, [2]int{0, 6}, [4]float64{0.5, 0.8, 1, 1.2}, [4]float64{1, 1, 1, 1}},
	} {
		model, naive, line, covered, seasons := score(c.b, seeds, c.days)
		if seasons < c.seasons[0] || seasons > c.seasons[1] {
			t.Errorf("%s: a season was found in %d of %d, want %v", c.name, seasons, seeds, c.seasons)
		}
		for k, h := range horizons {
			if model[k] > c.naive[k]*naive[k] || model[k] > c.line[k]*line[k] {
				t.Errorf("%s: %d days ahead the error is %.3f, want %.1f of the %.3f of a year ago and %.1f of the %.3f of a line",
					c.name, h, model[k], c.naive[k], naive[k], c.line[k], line[k])
			}
			if covered[k] < 0.85 {
				t.Errorf("%s: %d days ahead %.2f are inside the interval, want 0.95", c.name, h, covered[k])
			}
		}
		t.Logf("%-30s seasons %2d: model %.3f, a year ago %.3f, line %.3f, covered %.2f", c.name, seasons, model, naive, line, covered)
	}
}

// TestQuality: it is measured where past origins have a target, tells the truth about a line, and is absent elsewhere.
func TestQuality(t *testing.T) {
	var m Model
	for i := range 400 {
		m.Observe(int64(i), 1000+2*float64(i), false)
	}
	if q := m.QualityAt(30); q.Origins != 0 || !math.IsNaN(q.Coverage) || !math.IsNaN(q.Skill) {
		t.Errorf("before a fit: %+v", q)
	}
	m.Fit(0.95)
	for _, h := range []float64{30, 90, 180} {
		if q := m.QualityAt(h); q.Origins == 0 || q.Skill < 0.9 || q.Coverage < 0.9 {
			t.Errorf("%v days ahead of a line: %+v", h, q)
		}
	}
	for _, h := range []float64{365, 730} {
		if q := m.QualityAt(h); q.Origins != 0 || !math.IsNaN(q.Coverage) || !math.IsNaN(q.Skill) {
			t.Errorf("%v days ahead, which 400 days cannot have seen: %+v", h, q)
		}
	}
}

// TestQualityOfSeason: origins that had two years before them show what the season is worth.
func TestQualityOfSeason(t *testing.T) {
	for seed := range uint64(5) {
		seen, _ := business{growth: 0.3, yearly: 0.25, noise: 0.02}.days(seed, 4*366)
		var m Model
		for i, v := range seen {
			m.Observe(int64(i), v, false)
		}
		m.Fit(0.95)
		for _, h := range []float64{90, 180} {
			if q := m.QualityAt(h); q.Origins < 8 || q.Skill < 0.2 || q.Coverage < 0.7 {
				t.Errorf("seed %d, %v days ahead: %+v", seed, h, q)
			}
		}
	}
}

// TestTooLittle: less than half a year says nothing; gaps and a day told twice do no harm.
func TestTooLittle(t *testing.T) {
	var m Model
	for i := range leastWeeks*week - 1 {
		m.Observe(int64(i), 5, false)
	}
	m.Fit(0.95)
	if mean, _ := m.Forecast(30, new(Widths)); m.Ready() || mean == mean {
		t.Errorf("got %v from less than half a year", mean)
	}
	for i := leastWeeks * week; i < 60*week; i++ {
		if i%week > 2 && i%50 > 10 {
			m.Observe(int64(i), 5, false)
			m.Observe(int64(i)-1, 500, false)
		}
	}
	m.Fit(0.95)
	w := m.Widths(0.95)
	if mean, half := m.Forecast(200, &w); math.Abs(mean-5) > 1e-9 || !(half >= 0 && half < 1) {
		t.Errorf("a constant with gaps is forecast as %v +- %v", mean, half)
	}
	m.Observe(100_000, 7, false)
	if len(m.days) != 1 {
		t.Errorf("after centuries %d days are left", len(m.days))
	}
}

// TestMonthEdges: what every month's first or last days add is found in two years, not in less, and not in noise.
func TestMonthEdges(t *testing.T) {
	factors := [2 * edgeDays]float64{1.5, 1, 1, 0.8, 1, 1}
	invented := 0
	for seed := range uint64(20) {
		seen, _ := business{growth: 0.2, yearly: 0.2, noise: 0.03}.days(seed, 731)
		var with, without, short Model
		for i, v := range seen {
			without.Observe(int64(i), v, false)
			if e := edge(int64(i)); e >= 0 {
				v *= factors[e]
			}
			with.Observe(int64(i), v, false)
			if i > 200 {
				short.Observe(int64(i), v, false)
			}
		}
		for _, m := range []*Model{&with, &without, &short} {
			m.Fit(0.95)
		}
		for e, want := range factors {
			if got := with.fit.Edges[e]; math.Abs(got-want) > 0.1 {
				t.Errorf("seed %d: day %d of the ends of months is taken for %.2f times a usual one, want %.2f", seed, e, got, want)
			}
			if without.fit.Edges[e] != 1 {
				invented++
			}
			if short.fit.Edges[e] != 1 {
				t.Errorf("seed %d: the ends of months are told from less than two years", seed)
			}
		}
	}
	if invented > 2 {
		t.Errorf("%d of 120 days of the ends of months were found where there is nothing", invented)
	}
	for date, want := range map[string]int{"2024-02-29": 3, "2024-02-28": 4, "2024-02-27": 5, "2024-02-26": -1, "2024-03-01": 0, "2024-03-03": 2, "2024-03-04": -1, "2023-12-31": 3} {
		d, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := edge(d.Unix() / 86400); got != want {
			t.Errorf("%s is %d, want %d", date, got, want)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	for name, n := range map[string]int{"2y": 731, "5y": maxDays} {
		seen, _ := business{growth: 0.3, yearly: 0.25, noise: 0.05}.days(1, n)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var m Model
				for i, v := range seen {
					m.Observe(int64(i), v, false)
				}
				m.Fit(0.95)
			}
		})
	}
}
