// Package replay walks a history through the same fleet and readout as the live engine, moment by moment, and tries
// alerting rules on what is read out.
//
// Read history.go (what a source gave), run.go (it goes through a fleet, moment by moment), keep.go (what is said is
// stored), alarms.go (rules on it, with the samples of store.go and ahead.go), truth.go and judge.go (what became of
// the alarms), report.go and html.go. walk.go is for commands on files: the models alone, without rules.
package replay

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/foresight-exporter/foresight/internal/source"
	"github.com/foresight-exporter/foresight/models"
)

// stepRows is how many of the first distances between rows decide the step: few, so that it is known early and later
// rows can't change it.
const stepRows = 64

// FindStep gives the median distance between the first rows, in whole seconds. Rows must not be empty.
func FindStep(rows []source.Sample) (time.Duration, error) {
	var d []int64
	for i := 1; i < len(rows) && len(d) < stepRows; i++ {
		if dt := rows[i].T - rows[i-1].T; dt > 0 {
			d = append(d, dt)
		}
	}
	if len(d) == 0 {
		return 0, errors.New("the step can't be found from less than two rows of different times: set --step")
	}
	slices.Sort(d)
	step := (d[len(d)/2] + 500) / 1000
	return time.Duration(max(step, 1)) * time.Second, nil
}

// Grid puts rows on the grid of a step that has anchor (Unix milliseconds) as one of its moments: each moment has the
// last sample of the step that ends with it, NaN where there is none. Rows after the anchor are left out.
func Grid(rows []source.Sample, anchor int64, step time.Duration) models.Series {
	ms := step.Milliseconds()
	slot := func(t int64) int64 { return (anchor - t) / ms } // steps before the anchor, of the next moment at or after t
	first := int64(-1)
	for _, r := range rows {
		if r.T <= anchor {
			first = max(first, slot(r.T))
		}
	}
	s := models.Series{Start: anchor - first*ms, Step: ms, Values: make([]float64, first+1)}
	newest := make([]int64, first+1)
	for i := range s.Values {
		s.Values[i], newest[i] = math.NaN(), math.MinInt64
	}
	for _, r := range rows {
		if r.T > anchor {
			continue
		}
		if i := first - slot(r.T); r.T >= newest[i] {
			s.Values[i], newest[i] = r.V, r.T
		}
	}
	return s
}
