// Package identity tells which source series are one over time, and joins their samples.
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

// Sorted gives label names in the order that Key needs: nil for nil, and not nil where there are none.
func Sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
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

// Each hands over, oldest first, the moments before a time (Unix milliseconds) of samples in any order: the value that
// the identity has, NaN while it is ambiguous, and the samples of its members there. It returns the samples that are
// left, in the memory of those given.
func (j *Join) Each(samples []Sample, before int64, each func(t int64, v float64, at []Sample)) []Sample {
	slices.SortStableFunc(samples, func(a, b Sample) int { return cmp.Compare(a.T, b.T) })
	i := 0
	for i < len(samples) && samples[i].T < before {
		n := i + 1
		for n < len(samples) && samples[n].T == samples[i].T {
			n++
		}
		each(samples[i].T, j.next(samples[i:n]), samples[i:n])
		i = n
	}
	return append(samples[:0], samples[i:]...)
}

// next says which value the identity has at one moment, given the samples of its members there: the younger member's,
// and none while it is ambiguous.
func (j *Join) next(at []Sample) float64 {
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

// Ambiguous tells whether two members have been alive together for too long to be one.
func (j *Join) Ambiguous() bool { return j.Overlap > ambiguousSteps }
