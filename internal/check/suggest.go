package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/source"
)

// mostRemembered bounds the series whose lives are remembered.
const mostRemembered = 20_000

// lives remembers from when to when each series was there.
type lives struct {
	all map[string]*life
}

type life struct {
	labels      labels.Labels
	first, last int64
}

func (l *lives) see(ls labels.Labels, s []source.Sample) {
	if l.all == nil {
		l.all = map[string]*life{}
	}
	key := ls.String()
	one := l.all[key]
	if one == nil {
		if len(l.all) == mostRemembered {
			return
		}
		one = &life{labels: ls.Copy(), first: s[0].T}
		l.all[key] = one
	}
	one.last = s[len(s)-1].T
}

// volatile names the label whose value changes while all others stay: series vanish and come back with another value of
// it, and never two of them at once for longer than overlap. It gives the labels that stay and how often that was seen;
// "" where there is no such label.
func (l *lives) volatile(overlap int64) (name string, rest []string, changes int) {
	names := map[string]bool{}
	for _, one := range l.all {
		one.labels.Range(func(label labels.Label) { names[label.Name] = true })
	}
	delete(names, model.MetricNameLabel)
	for _, candidate := range slices.Sorted(maps.Keys(names)) {
		if n := l.successions(candidate, overlap); n > changes {
			name, changes = candidate, n
		}
	}
	if name == "" {
		return "", nil, 0
	}
	delete(names, name)
	return name, slices.Sorted(maps.Keys(names)), changes
}

// successions counts how often a series followed another that differs in a label only; 0 where two were there at once.
func (l *lives) successions(name string, overlap int64) (n int) {
	groups := map[string][]*life{}
	for _, one := range l.all {
		key := labels.NewBuilder(one.labels).Del(name, model.MetricNameLabel).Labels().String()
		groups[key] = append(groups[key], one)
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b *life) int { return int(a.first - b.first) })
		for i := 1; i < len(group); i++ {
			if group[i].first < group[i-1].last-overlap {
				return 0
			}
			n++
		}
	}
	return n
}

// suggestIdentity proposes by where the history shows that one label only changes.
func (l *live) suggestIdentity(seen *lives, step int64) {
	name, rest, n := seen.volatile(3 * step)
	if name == "" || l.task.By != nil && !slices.Contains(l.task.By, name) {
		return
	}
	l.note("hint", "by: [%s] would go on where now a new series begins: %s changed %s while all other labels stayed",
		strings.Join(rest, ", "), name, count(n, "time"))
}
