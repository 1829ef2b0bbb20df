package fleet

import (
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
)

// Limits are those of a task, by the values of the labels on which they match, at the moment that was taken last.
type Limits struct {
	on     []string // sorted; nil: all labels but the name
	fixed  float64  // NaN: they are read
	byKey  map[string]*limit
	common int64 // the newest moment at which one without labels serves all
	buf    []byte
}

type limit struct {
	at     int64 // the moment that it is of
	value  float64
	claims int // how many series are it then
}

// NewLimits returns the limits of a task; nil where it has none.
func NewLimits(t *config.Task) *Limits {
	e := t.Exhaustion
	if e == nil || e.Budget != nil {
		return nil
	}
	l := &Limits{on: identity.Sorted(t.By), fixed: math.NaN(), byKey: map[string]*limit{}, common: never}
	if e.On != nil {
		l.on = identity.Sorted(e.On)
	}
	if e.Limit != nil {
		l.fixed = *e.Limit
	}
	return l
}

// Key returns by what a series is matched with its limit.
func (l *Limits) Key(ls labels.Labels) string {
	if l == nil {
		return ""
	}
	return string(identity.Key(nil, l.on, ls))
}

// Take notes the limit that a series of the limit's expression gives at a moment. One without labels serves all.
func (l *Limits) Take(ls labels.Labels, at int64, v float64) {
	l.buf = ls.BytesWithoutLabels(l.buf, board.Reserved...)
	if len(l.buf) == 0 {
		l.common = at
	} else {
		l.buf = identity.Key(l.buf, l.on, ls)
	}
	one := l.byKey[string(l.buf)]
	if one == nil {
		one = &limit{at: never}
		l.byKey[string(l.buf)] = one
	}
	if one.at != at {
		one.claims = 0
	}
	one.at, one.value = at, v
	one.claims++
}

// Get returns the limit of a key at a moment, NaN unless exactly one series claims to be it, and how many do.
func (l *Limits) Get(key string, at int64) (value float64, claims int) {
	if !math.IsNaN(l.fixed) {
		return l.fixed, 1
	}
	if l.common == at {
		key = ""
	}
	one := l.byKey[key]
	switch {
	case one == nil || one.at != at:
		return math.NaN(), 0
	case one.claims > 1:
		return math.NaN(), one.claims
	}
	return one.value, 1
}

// forget drops what is older than a day.
func (l *Limits) forget(at int64) {
	for key, one := range l.byKey {
		if one.at < at-day.Milliseconds() {
			delete(l.byKey, key)
		}
	}
}

// Limit takes the limit that a series of the limit's expression gives at a moment; that of the moment given to Reach
// comes into force with it.
func (f *Fleet) Limit(ls labels.Labels, at int64, v float64) { f.limits.Take(ls, at, v) }

// enforce brings the limits of a moment into force.
func (f *Fleet) enforce(at int64) {
	if f.limits == nil {
		return
	}
	for i := range f.parts {
		p := &f.parts[i]
		for k := range p.series {
			s := &p.series[k]
			v, claims := f.limits.Get(s.limitKey, at)
			s.Limit, s.LimitAmbiguous = v, claims > 1
		}
	}
	f.limits.forget(at)
}
