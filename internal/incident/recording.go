// Package incident relates what many series show: which owner an incident probably began at, what changed before it,
// and what a change did. It names nothing where the series don't tell.
//
// Read it in this order: recording.go (series with owners), evidence.go (how far a series is outside of what it usually
// does), graph.go (who calls whom), suspect.go (owners by their evidence), change.go (changes before an onset) and
// effect.go (what a moment did to a series).
package incident

import (
	"math"
	"slices"
	"strings"
)

// Kind is what a metric tells of its owner.
type Kind string

// The kinds of metrics. Resource and saturation belong to their owner; latency, errors and traffic spread along calls.
const (
	Resource   Kind = "resource"
	Latency    Kind = "latency"
	Errors     Kind = "errors"
	Traffic    Kind = "traffic"
	Saturation Kind = "saturation"
	Other      Kind = "other"
	Edge       Kind = "edge" // the two ends of a call disagree
)

// Direction is where a metric goes when things get worse.
type Direction int8

// The directions.
const (
	Up   Direction = 1
	Down Direction = -1
	Both Direction = 0
)

// Series is one metric of an owner on the grid of its [Recording]. NaN is a missing sample.
type Series struct {
	Owner  string
	Metric string
	Kind   Kind
	Bad    Direction
	Values []float64
}

// Call is an edge of the graph with the latency that its two ends see. Either may be nil.
type Call struct {
	Client, Server               string
	LatencyClient, LatencyServer []float64
}

// Recording is what an incident is read from: values on one grid, the first at Start, Step apart (Unix milliseconds).
type Recording struct {
	Start, Step int64
	Len         int
	Series      []Series
	Calls       []Call
}

// Time returns the moment of grid index i.
func (r *Recording) Time(i int) int64 { return r.Start + int64(i)*r.Step }

// Until returns how many moments of the grid lie at or before t.
func (r *Recording) Until(t int64) int {
	if t < r.Start {
		return 0
	}
	return min(r.Len, int((t-r.Start)/r.Step)+1)
}

// Owners returns the names of those that own a series, sorted.
func (r *Recording) Owners() []string {
	var names []string
	for i := range r.Series {
		names = append(names, r.Series[i].Owner)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Rule says of which kind the metrics are whose whole name fits a pattern, in which * stands for any run of characters.
type Rule struct {
	Pattern string
	Kind    Kind
	Bad     Direction
}

// Classify returns the kind and bad direction of a metric by the first rule that fits; none: other, both.
func Classify(rules []Rule, metric string) (Kind, Direction) {
	for _, r := range rules {
		if fits(r.Pattern, metric) {
			return r.Kind, r.Bad
		}
	}
	return Other, Both
}

// fits reports whether a whole name fits a pattern of literal parts with * between them.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}

// present returns the values that are not missing, appended to dst.
func present(dst, values []float64) []float64 {
	for _, v := range values {
		if !math.IsNaN(v) {
			dst = append(dst, v)
		}
	}
	return dst
}
