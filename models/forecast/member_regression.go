package forecast

import "github.com/foresight-exporter/foresight/models/internal/numeric"

// regressionMember forecasts step by step by a regression on earlier values and slow profiles.
type regressionMember struct {
	trajectory
	terms int // which of the regressions
}

// The regressions: on lags around both seasons, and around the short one only, on the bent scale; and the latter on the
// plain scale.
const (
	weeklyTerms = iota
	dailyTerms
	plainTerms
	numRegressions
)

func (m *regressionMember) name() string {
	return [numRegressions]string{"regression_weekly", "regression_daily", "regression_plain"}[m.terms]
}

func (m *regressionMember) prepare(e *ensemble, steps int) {
	r := &e.regressions[m.terms]
	if !r.fitted || e.cutoff.hourly+1 < r.longest() {
		m.none()
		return
	}
	slot := e.slot - (len(e.hourly) - 1 - e.cutoff.hourly)
	if e.longPeriod > 0 {
		slot = int(numeric.Modulo(int64(slot), int64(e.longPeriod)))
	} else if e.period > 0 {
		slot = int(numeric.Modulo(int64(slot), int64(e.period)))
	}
	path := m.of(steps)
	if r.bent {
		r.path(path, e.hourlyBent[:e.cutoff.hourly+1], slot, e.phase, e.bent(e.low), e.bent(e.high))
		m.onBentScale(e, false)
		return
	}
	a := e.plainAffine
	r.path(path, e.hourlyStandard[:e.cutoff.hourly+1], slot, e.phase, a.in(e.low), a.in(e.high))
	for i, q := range path {
		path[i] = a.out(q)
	}
}
