package check

import (
	"strconv"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/fleet"
	"github.com/foresight-exporter/foresight/internal/source"
)

// checkLimits tells which series have no usable limit now.
func (l *live) checkLimits() {
	e := l.task.Exhaustion
	if e == nil || e.LimitExpr == "" {
		if e != nil {
			l.limits = limitText(e)
		}
		return
	}
	limits := fleet.NewLimits(l.task)
	n := 0
	w, err := l.src.Instant(l.ctx, l.task.Name, e.LimitExpr, l.origin, func(ls labels.Labels, s source.Sample) error {
		limits.Take(ls, l.origin, s.V)
		n++
		return nil
	})
	l.warn(w)
	if err != nil {
		l.fail(err)
		return
	}
	none, unusable, several := &cases{}, &cases{}, &cases{}
	for _, id := range l.sorted() {
		switch v, claims := limits.Get(limits.Key(id.labels), l.origin); {
		case claims == 0:
			none.add(id.labels)
		case claims > 1:
			several.add(id.labels)
		case !e.Usable(v):
			unusable.add(id.labels)
		}
	}
	l.limits = strconv.Itoa(n)
	none.tell(l, "no_limit: %s without a limit, such as %s; look at on")
	unusable.tell(l, "no_limit: %s whose limit is NaN, infinite or 0, such as %s")
	several.tell(l, "ambiguous: %s with several limits, such as %s; look at on")
}

// cases counts series and keeps the first as an example.
type cases struct {
	n       int
	example labels.Labels
}

func (c *cases) add(ls labels.Labels) {
	if c.n++; c.n == 1 {
		c.example = ls
	}
}

func (c *cases) tell(l *live, format string) {
	if c.n > 0 {
		l.note("warning", format, count(c.n, "series"), c.example)
	}
}
