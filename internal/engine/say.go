package engine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/models"
)

// sample is what one series says at an evaluation, beside its values.
type sample struct {
	state   models.State
	reason  string // of a failure
	info    models.Info
	score   models.Score
	scored  bool
	quality []models.Quality // by horizon; nil: not forecast
}

// say has one series speak as of now: its values go to values[c][i], NaN where there is none.
func (t *task) say(s *series, now time.Time, values [][]float64, i int) (m sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			s.failure = fmt.Sprint(r)
			m.state, m.reason = models.StateFailed, s.failure
			for c := range values {
				values[c][i] = math.NaN()
			}
		}
	}()
	for c := range values {
		values[c][i] = math.NaN()
	}
	m.reason = s.failure
	m.info = s.forecaster.Info()
	m.state = s.stateOf(t.unseen(s, now) > t.staleAfter(), m.info.Status)
	switch m.state {
	case models.StateFailed, models.StateAmbiguous, models.StateStale, models.StateWarmingUp:
		return m
	}
	set := func(column int, v float64) { values[column][i] = v }
	l, a := t.layout, s.assessment
	m.score, m.scored = a.Score, true
	if l.anomaly >= 0 {
		set(l.anomaly, a.Value)
		set(l.anomaly+1, float64(a.Direction))
	}
	set(l.observed, s.observed)
	if t.options.Limit != nil && t.config.Exhaustion.Usable(s.limit) {
		set(l.limit, s.limit)
	}
	if m.state == models.StateOK {
		if l.expected >= 0 {
			set(l.expected, a.Expected)
			set(l.expected+1, a.Lower)
			set(l.expected+2, a.Upper)
		}
		n := len(l.horizons)
		if l.forecast >= 0 {
			for h, f := range s.forecaster.Forecast(nil, t.leads(s), l.levels) {
				set(l.forecast+h, f.Mean)
				set(l.forecast+n+h, f.Lower[0])
				set(l.forecast+2*n+h, f.Upper[0])
			}
		}
		m.quality = make([]models.Quality, n)
		for h := range m.quality {
			m.quality[h] = s.forecaster.Quality(h)
			if l.quality >= 0 {
				set(l.quality+h, m.quality[h].Coverage)
				set(l.quality+n+h, m.quality[h].Skill)
			}
		}
	}
	if t.config.Exhaustion != nil && (m.state == models.StateOK || m.state == models.StateConstant) {
		m.state = t.sayExhaustion(s, m.state, set)
	}
	return m
}

// leads are the horizons, counted from the task's origin, as seen from the newest sample of a series, which may be late.
func (t *task) leads(s *series) []time.Duration {
	late := time.Duration(t.origin-s.forecaster.End()) * time.Millisecond
	if late <= 0 {
		return t.layout.horizons
	}
	leads := make([]time.Duration, len(t.layout.horizons))
	for i, h := range t.layout.horizons {
		leads[i] = h + late
	}
	return leads
}

// sayExhaustion sets the columns of the group and gives the state with the limit looked at.
func (t *task) sayExhaustion(s *series, state models.State, set func(int, float64)) models.State {
	switch {
	case s.ambiguousLimits:
		return models.StateAmbiguous
	case t.options.Limit != nil && !t.config.Exhaustion.Usable(s.limit):
		return models.StateNoLimit
	}
	var e models.Exhaustion
	s.forecaster.Exhaustion(&e, s.limit)
	if !e.Known {
		return state
	}
	if first := t.layout.exhaustion; first >= 0 {
		for q, v := range e.Seconds {
			set(first+q, v)
		}
		for w, p := range e.Probability {
			set(first+len(e.Seconds)+w, p)
		}
	}
	if e.Reached {
		return models.StateOverLimit
	}
	return state
}

// seasonLabel names seasons as the label does: "1d,1w", "none".
func seasonLabel(seasons []time.Duration) string {
	if len(seasons) == 0 {
		return "none"
	}
	names := make([]string, len(seasons))
	for i, s := range seasons {
		names[i] = model.Duration(s).String()
	}
	return strings.Join(names, ",")
}
