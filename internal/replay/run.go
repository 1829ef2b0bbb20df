package replay

import (
	"context"
	"math"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/models"
)

// Played is a history after it went through the forecasters: what Foresight would have exported, and how good its
// forecasts were.
type Played struct {
	*History
	From     int // first moment that counts; earlier ones are learnt only
	Accuracy []Accuracy

	exported *store
	ahead    []curves // by series; nil where no rule reads ahead
}

// Play walks every series through a forecaster, one sample after the other, and keeps what it says from moment `from`
// on, as far as the rules need it. It works on all cores; step is called after each series.
func Play(ctx context.Context, h *History, from time.Time, rules []Rule, step func()) (*Played, error) {
	p := &Played{History: h, From: max(0, min(h.Len, h.index(from.UnixMilli())))}
	p.exported = &store{}
	l := newLayout(h)
	l.ahead = leadsAhead(rules, h.Step)
	if len(l.ahead) > 0 {
		p.ahead = make([]curves, len(h.Series))
	}
	tallies := make([][]tally, len(h.Series))
	columns := make([][][]float64, len(h.Series))
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), max(1, len(h.Series))) {
		wg.Go(func() {
			for i := range next {
				one := l.play(ctx, h, h.Series[i], p.From)
				columns[i], tallies[i] = one.columns, one.tallies
				if p.ahead != nil {
					p.ahead[i] = one.ahead
				}
				mu.Lock()
				step()
				mu.Unlock()
			}
		})
	}
	for i := range h.Series {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, s := range h.Series {
		for c, values := range columns[i] {
			ls := named(s.Labels, l.columns[c].metric)
			if name := l.columns[c].label; name != "" {
				ls = labels.NewBuilder(ls).Set(name, l.columns[c].value).Labels()
			}
			p.exported.add(ls, h.at(p.From), h.Step, values)
		}
	}
	p.addGroups(l, columns)
	p.exported.sort()
	p.Accuracy = summarize(l, tallies)
	return p, nil
}

// layout says which column of a series holds what.
type layout struct {
	options  *models.Options
	columns  []columnName
	horizons []time.Duration
	levels   []float64
	ahead    []time.Duration // leads of the curves that rules read ahead

	score, expected, observed, forecast, exhaustion int // first column of each; -1: none
}

type columnName struct {
	metric       board.Metric
	label, value string
}

func newLayout(h *History) *layout {
	t := h.Task
	l := &layout{
		options: t.ModelOptions(), levels: []float64{t.Level},
		score: -1, expected: -1, observed: -1, forecast: -1, exhaustion: -1,
	}
	l.horizons = l.options.Horizons
	add := func(first *int, label, value string, metrics ...board.Metric) {
		if *first < 0 {
			*first = len(l.columns)
		}
		for _, m := range metrics {
			l.columns = append(l.columns, columnName{m, label, value})
		}
	}
	if t.Exports(board.GroupExpected) {
		add(&l.expected, "", "", board.Expected, board.ExpectedLower, board.ExpectedUpper)
	}
	if t.Exports(board.GroupAnomaly) {
		add(&l.score, "", "", board.AnomalyScore, board.AnomalyDirection)
	}
	if t.Exports(board.GroupForecast) {
		for _, horizon := range l.horizons {
			add(&l.forecast, "horizon", model.Duration(horizon).String(), board.Forecast, board.ForecastLower, board.ForecastUpper)
		}
	}
	if l.options.Limit != nil && t.Exports(board.GroupExhaustion) {
		for _, p := range []float64{0.1, 0.5, 0.9} {
			add(&l.exhaustion, "probability", strconv.FormatFloat(p, 'g', -1, 64), board.TimeToExhaustion)
		}
		for _, w := range l.options.Limit.Within {
			add(&l.exhaustion, "within", model.Duration(w).String(), board.ExhaustionProbability)
		}
	}
	if t.Exports(board.GroupObserved) {
		add(&l.observed, "", "", board.Observed)
	}
	return l
}

// playedSeries is what one series gives.
type playedSeries struct {
	columns [][]float64 // from the first moment that counts
	tallies []tally     // by horizon
	ahead   curves
}

// play walks one series and keeps what is said from moment `from` on.
func (l *layout) play(ctx context.Context, h *History, s *Series, from int) playedSeries {
	out := playedSeries{columns: make([][]float64, len(l.columns)), tallies: newTallies(l.horizons, h.Step)}
	for c := range out.columns {
		out.columns[c] = missing(h.Len - from)
	}
	if len(l.ahead) > 0 {
		out.ahead = make(curves, h.Len-from)
	}
	w := Walker{models.New(l.options)}
	staleAfter := max(int64(5*time.Minute/time.Millisecond), 2*h.Step)
	var (
		last      models.Assessment
		observed  = math.NaN()
		seen      = int64(math.MinInt64 / 2)
		forecasts []models.Forecast
		law       models.Exhaustion
		begun     bool
	)
	for i, v := range s.Values {
		if i%256 == 0 && ctx.Err() != nil {
			return out
		}
		begun = begun || !math.IsNaN(v)
		if !begun {
			continue
		}
		t, limit := h.at(i), math.NaN()
		if s.Limits != nil {
			limit = s.Limits[i]
		}
		if a := w.Observe(t, v, limit); !math.IsNaN(v) {
			last, observed, seen = a, v, t
		}
		if i < from || t-seen > staleAfter {
			continue
		}
		info := w.F.Info()
		state := models.StateOf(info.Status)
		if state == models.StateWarmingUp {
			continue
		}
		set := func(column int, v float64) {
			if column >= 0 {
				out.columns[column][i-from] = v
			}
		}
		if l.score >= 0 {
			set(l.score, last.Value)
			set(l.score+1, float64(last.Direction))
		}
		set(l.observed, observed)
		if state == models.StateOK {
			if l.expected >= 0 {
				set(l.expected, last.Expected)
				set(l.expected+1, last.Lower)
				set(l.expected+2, last.Upper)
			}
			forecasts = w.F.Forecast(forecasts, l.horizons, l.levels)
			for n, f := range forecasts {
				if l.forecast >= 0 {
					set(l.forecast+3*n, f.Mean)
					set(l.forecast+3*n+1, f.Lower[0])
					set(l.forecast+3*n+2, f.Upper[0])
				}
				out.tallies[n].add(s.Values, i, f, info.Seasons)
			}
		}
		if len(l.ahead) > 0 && state == models.StateOK {
			forecasts = w.F.Forecast(forecasts, l.ahead, l.levels)
			out.ahead[i-from] = newCurve(last, forecasts)
		}
		if l.exhaustion >= 0 && (state == models.StateOK || state == models.StateConstant) {
			if w.F.Exhaustion(&law, limit); law.Known {
				for q, seconds := range law.Seconds {
					set(l.exhaustion+q, seconds)
				}
				for n, p := range law.Probability {
					set(l.exhaustion+len(law.Seconds)+n, p)
				}
			}
		}
	}
	return out
}

// addGroups adds the share of anomalous series of each group.
func (p *Played) addGroups(l *layout, columns [][][]float64) {
	if len(p.Task.GroupBy) == 0 || l.score < 0 {
		return
	}
	names := []string{"task"}
	for _, name := range p.Task.GroupBy {
		names = append(names, exportedName(name))
	}
	type group struct {
		labels            labels.Labels
		scored, anomalous []float64 // by moment
	}
	groups := map[string]*group{}
	for i, s := range p.Series {
		ls := s.Labels.MatchLabels(true, names...)
		g := groups[ls.String()]
		if g == nil {
			g = &group{ls, make([]float64, p.Len-p.From), make([]float64, p.Len-p.From)}
			groups[ls.String()] = g
		}
		for at, score := range columns[i][l.score] {
			if !math.IsNaN(score) {
				g.scored[at]++
				if score > 1 {
					g.anomalous[at]++
				}
			}
		}
	}
	for _, g := range groups {
		for at, of := range g.scored {
			g.anomalous[at] /= of // NaN where nothing is scored
		}
		p.exported.add(named(g.labels, board.AnomalousSeriesRatio), p.at(p.From), p.Step, g.anomalous)
	}
}

// named gives a metric of Foresight's the labels of a series.
func named(ls labels.Labels, m board.Metric) labels.Labels {
	return labels.NewBuilder(ls).Set(model.MetricNameLabel, m.Name).Labels()
}
