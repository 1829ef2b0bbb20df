package replay

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
	"github.com/foresight-exporter/foresight/internal/identity"
	"github.com/foresight-exporter/foresight/internal/source"
)

// readLimits gives a function that finds the limit of a series, by moment. Where the source has none, one that is not
// usable or several at a moment, there is none then.
func readLimits(ctx context.Context, src Source, h *History) (func(labels.Labels) []float64, error) {
	e := h.Task.Exhaustion
	if e.LimitExpr == "" {
		all := missing(h.Len)
		if e.Limit != nil {
			all = slices.Repeat([]float64{*e.Limit}, h.Len)
		}
		return func(labels.Labels) []float64 { return all }, nil
	}
	on := e.On
	if on == nil {
		on = h.Task.By
	}
	on = identity.Sorted(on)
	type limit struct {
		values []float64
		of     []uint64 // which series each is of; 0: none yet
	}
	byKey := map[string]*limit{}
	var common *limit
	warnings, err := src.Range(ctx, h.Task.Name, e.LimitExpr, h.Start, h.end(), time.Duration(h.Step)*time.Millisecond,
		func(ls labels.Labels, samples []source.Sample) error {
			key, member := string(identity.Key(nil, on, ls)), ls.Hash()
			one := byKey[key]
			if one == nil {
				one = &limit{missing(h.Len), make([]uint64, h.Len)}
				byKey[key] = one
			}
			if len(ls.BytesWithoutLabels(nil, board.Reserved...)) == 0 {
				common = one
			}
			for _, s := range samples {
				i := int((s.T - h.Start) / h.Step)
				if i < 0 || i >= h.Len {
					continue
				}
				if one.of[i] != 0 && one.of[i] != member || !e.Usable(s.V) {
					one.values[i] = math.NaN()
				} else {
					one.values[i] = s.V
				}
				one.of[i] = member
			}
			return nil
		})
	h.warn(warnings)
	if err != nil {
		return nil, err
	}
	return func(ls labels.Labels) []float64 {
		if common != nil {
			return common.values
		}
		if one := byKey[string(identity.Key(nil, on, ls))]; one != nil {
			return one.values
		}
		return missing(h.Len)
	}, nil
}
