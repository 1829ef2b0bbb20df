package check

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/foresight-exporter/foresight/internal/config"
	"github.com/foresight-exporter/foresight/models/exhaustion"
)

// unsaid are the times within which a limit may be reached that are further than so much history lets the law look.
func unsaid(t *config.Task, history time.Duration) []model.Duration {
	if t.Exhaustion == nil || t.Exhaustion.Budget != nil {
		return nil
	}
	var out []model.Duration
	for _, w := range t.Exhaustion.Within {
		if time.Duration(w) > exhaustion.Ahead(history) {
			out = append(out, w)
		}
	}
	return out
}

// needed is the history that a time within which a limit may be reached needs.
func needed(w model.Duration) model.Duration {
	return model.Duration(float64(w) * float64(time.Hour) / float64(exhaustion.Ahead(time.Hour)))
}
