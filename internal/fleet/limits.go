package fleet

import (
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/identity"
)

// limits are those of a task at one moment, by the values of the labels on which they match.
type limits struct {
	none   bool     // the task has none
	on     []string // sorted; nil: all labels but the name
	byKey  map[string]*limit
	common int64 // the newest moment at which one without labels serves all
	buf    []byte
}

type limit struct {
	at      int64 // the moment that it is of
	value   float64
	several bool // series claim to be it
}

func newLimits(t *config.Task) *limits {
	l := &limits{none: t.Exhaustion == nil || t.Exhaustion.Budget != nil, byKey: map[string]*limit{}, common: never}
	if l.none {
		return l
	}
	if l.on = identity.Sorted(t.By); t.Exhaustion.On != nil {
		l.on = identity.Sorted(t.Exhaustion.On)
	}
	return l
}

// keyOf is by what a series or a limit is matched with the other.
func (l *limits) keyOf(ls labels.Labels) string {
	if l.none {
		return ""
	}
	return string(identity.Key(nil, l.on, ls))
}

// Limit takes the limit that a series of the limit's expression gives at a moment; that of the moment given to Reach
// comes into force with it. One without labels serves all series.
func (f *Fleet) Limit(ls labels.Labels, at int64, v float64) {
	l := f.limits
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
	one.several = one.at == at
	one.at, one.value = at, v
}

// get returns the limit of a key at a moment, NaN where there is none, and reports whether several claim to be it.
func (l *limits) get(key string, at int64) (value float64, ambiguous bool) {
	if l.common == at {
		key = ""
	}
	one := l.byKey[key]
	if one == nil || one.at != at || one.several {
		return math.NaN(), one != nil && one.at == at
	}
	return one.value, false
}

// enforce brings the limits of a moment into force and forgets those that are no longer there.
func (l *limits) enforce(f *Fleet, at int64) {
	e := f.Task.Exhaustion
	if l.none {
		return
	}
	for i := range f.parts {
		p := &f.parts[i]
		for k := range p.series {
			s := &p.series[k]
			if e.Limit != nil {
				s.Limit, s.LimitAmbiguous = *e.Limit, false
			} else {
				s.Limit, s.LimitAmbiguous = l.get(s.limitKey, at)
			}
		}
	}
	for key, one := range l.byKey {
		if one.at < at-day.Milliseconds() {
			delete(l.byKey, key)
		}
	}
}
