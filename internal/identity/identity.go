// Package identity tells which source series are one over time, and joins their samples.
//
// identity.go is all of it; internal/fleet/partition.go and internal/fleet/series.go use it.
package identity

import (
	"cmp"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/foresight-exporter/foresight/internal/board"
)

// ambiguousSteps is for how many steps two series of one identity may be alive together.
const ambiguousSteps = 3

// Key gives what makes a series the same over time: the values of the labels by, sorted, or where that is nil all
// labels. It overwrites buf where that is large enough.
func Key(buf []byte, by []string, ls labels.Labels) []byte {
	if by == nil {
		return ls.BytesWithoutLabels(buf, board.Reserved...)
	}
	return ls.BytesWithLabels(buf, by...)
}

// Sorted returns label names in the order that Key needs, each once: nil for nil, and not nil where there are none.
func Sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}

// Labels returns the labels that tell a task's series apart, as Key needs them: those of `by` and, since a series of
// another group is another series, those of `group_by`.
func Labels(by, groupBy []string) []string {
	if by == nil {
		return nil
	}
	return Sorted(append(slices.Clip(by), groupBy...))
}

// Sample is one sample of a member of an identity.
type Sample struct {
	Member uint64 // the hash of its labels
	T      int64  // Unix milliseconds
	V      float64
}

// Join makes one series of the members of an identity. The zero value has seen none.
type Join struct {
	Newest, Older uint64 // the newest member and the one before; 0: none
	Overlap       int    // steps for which two members are alive together
}

// Sort puts samples in the order of time, those of one moment in that of their members.
func Sort(samples []Sample) {
	slices.SortFunc(samples, func(a, b Sample) int { return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(a.Member, b.Member)) })
}

// Next returns the value that the identity has at one moment, given the samples of its members there, at least one: the
// younger member's, and NaN while it is ambiguous. Moments are handed over oldest first.
func (j *Join) Next(at []Sample) float64 {
	chosen := at[0]
	if !slices.ContainsFunc(at, func(a Sample) bool { return a.Member != at[0].Member }) {
		j.Overlap = 0
	} else {
		j.Overlap++
		for _, a := range at {
			if a.Member == j.Newest {
				chosen = a
			}
		}
		for _, a := range at {
			if a.Member != j.Newest && a.Member != j.Older {
				chosen = a
				break
			}
		}
	}
	if chosen.Member != j.Newest {
		j.Newest, j.Older = chosen.Member, j.Newest
	}
	if j.Ambiguous() {
		return math.NaN()
	}
	return chosen.V
}

// Ambiguous reports whether two members have been alive together for too long to be one.
func (j *Join) Ambiguous() bool { return j.Overlap > ambiguousSteps }
