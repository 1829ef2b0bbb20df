package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/internal/web"
)

// history reads the observed samples of one series from the source, for the pages.
func (a *App) history(ctx context.Context, task string, series labels.Labels, from, to int64, step time.Duration) ([]web.Sample, error) {
	c := a.config.Load()
	i := slices.IndexFunc(c.Tasks, func(t *config.Task) bool { return t.Name == task })
	if i < 0 {
		return nil, fmt.Errorf("there is no task %q", task)
	}
	samples := map[int64]float64{}
	_, err := a.client.Load().Range(ctx, task, only(c.Tasks[i], series), from, to, step, func(_ labels.Labels, s []source.Sample) error {
		for _, one := range s {
			samples[one.T] = one.V
		}
		return nil
	})
	out := make([]web.Sample, 0, len(samples))
	for t, v := range samples {
		out = append(out, web.Sample{T: t, V: v})
	}
	slices.SortFunc(out, func(a, b web.Sample) int { return int(a.T - b.T) })
	return out, err
}

// only narrows a task's expression down to the series of one identity, on the side of the source.
func only(t *config.Task, series labels.Labels) string {
	one, on := "vector(1)", []string{}
	series.Range(func(l labels.Label) {
		name := board.SourceLabel(l.Name)
		if name == "" || t.By != nil && !slices.Contains(t.By, name) {
			return
		}
		on = append(on, labelName(name))
		one = fmt.Sprintf("label_replace(%s, %s, %s, \"\", \"\")", one, strconv.Quote(name), strconv.Quote(strings.ReplaceAll(l.Value, "$", "$$")))
	})
	if len(on) == 0 {
		return t.Expr
	}
	// The expression may end in a comment, hence the line.
	return fmt.Sprintf("(%s\n) and on (%s) %s", t.Expr, strings.Join(on, ", "), one)
}

// labelName writes a name as PromQL does: quoted where it is not plain, which takes Prometheus 3.
func labelName(name string) string {
	if model.LegacyValidation.IsValidLabelName(name) {
		return name
	}
	return strconv.Quote(name)
}
