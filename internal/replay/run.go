package replay

import (
	"context"
	"math"
	"runtime"
	"sync"
	"time"

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
	l := newLayout(h.Task, rules)
	if len(l.ahead) > 0 {
		p.ahead = make([]curves, len(h.Series))
	}
	tallies := make([][]tally, len(h.Series))
	columns := make([][]points, len(h.Series))
	groups := newGroups(p)
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), max(1, len(h.Series))) {
		wg.Go(func() {
			for i := range next {
				one := l.play(ctx, h, h.Series[i], p.From)
				tallies[i] = one.tallies
				for _, values := range one.columns {
					columns[i] = append(columns[i], present(h.at(p.From), h.Step, values))
				}
				if p.ahead != nil {
					p.ahead[i] = one.ahead
				}
				mu.Lock()
				groups.add(h.Series[i], one.scores)
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
			if name := l.columns[c]; name.wanted {
				p.exported.add(name.of(s.Labels), values)
			}
		}
	}
	groups.export(p)
	p.exported.sort()
	p.Accuracy = summarize(l, tallies)
	return p, nil
}

// playedSeries is what one series gives.
type playedSeries struct {
	columns [][]float64 // from the first moment that counts; nil where nobody wants them
	scores  []float64   // anomaly scores, of the same moments
	tallies []tally     // by horizon
	ahead   curves
}

// play walks one series and keeps what is said from moment `from` on.
func (l *layout) play(ctx context.Context, h *History, s *Series, from int) playedSeries {
	out := playedSeries{columns: make([][]float64, len(l.columns)), tallies: newTallies(l.horizons, h.Step)}
	for c := range out.columns {
		if l.columns[c].wanted {
			out.columns[c] = missing(h.Len - from)
		}
	}
	out.scores = missing(h.Len - from)
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
		if a := w.Observe(t, v); !math.IsNaN(v) {
			last, observed, seen = a, v, t
		}
		if i < from || t-seen > staleAfter || i < len(s.Ambiguous) && s.Ambiguous[i] {
			continue
		}
		info := w.F.Info()
		state := models.StateOf(info.Status)
		if state == models.StateWarmingUp {
			continue
		}
		set := func(column int, v float64) {
			if column >= 0 && out.columns[column] != nil {
				out.columns[column][i-from] = v
			}
		}
		out.scores[i-from] = last.Value
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
		if l.wantsExhaustion() && (state == models.StateOK || state == models.StateConstant) {
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
