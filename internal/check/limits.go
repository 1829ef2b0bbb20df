package check

import (
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/source"
)

// limit is what a limit expression gives for one set of labels to match on.
type limit struct {
	value   float64
	several bool
}

// checkLimits tells which series have no usable limit now.
func (l *live) checkLimits() {
	e := l.task.Exhaustion
	if e == nil || e.LimitExpr == "" {
		return
	}
	limits := map[string]limit{}
	common := false
	w, err := l.src.Instant(l.ctx, l.task.Name, e.LimitExpr, l.origin, func(ls labels.Labels, s source.Sample) error {
		key := l.limitKey(ls)
		if len(ls.BytesWithoutLabels(nil, board.Reserved...)) == 0 {
			common, key = true, ""
		}
		_, there := limits[key]
		limits[key] = limit{s.V, there}
		return nil
	})
	l.warn(w)
	if err != nil {
		l.fail(err)
		return
	}
	none, unusable, several := &cases{}, &cases{}, &cases{}
	for _, id := range l.sorted() {
		key := ""
		if !common {
			key = l.limitKey(id.labels)
		}
		switch found, ok := limits[key]; {
		case !ok:
			none.add(id.labels)
		case found.several:
			several.add(id.labels)
		case !e.Usable(found.value):
			unusable.add(id.labels)
		}
	}
	l.say("limits", "%s now", count(len(limits), "limit"))
	none.tell(l, "no_limit: %s without a limit, such as %s; look at on")
	unusable.tell(l, "no_limit: %s whose limit is NaN, infinite or 0, such as %s")
	several.tell(l, "ambiguous: %s with several limits, such as %s; look at on")
}

// limitKey is by what a series or a limit is matched with the other.
func (l *live) limitKey(ls labels.Labels) string {
	on := l.task.Exhaustion.On
	if on == nil {
		on = l.task.By
	}
	return keyOf(on, ls)
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
		l.say("warning", format, count(c.n, "series"), c.example)
	}
}
