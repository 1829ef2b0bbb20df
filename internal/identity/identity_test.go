package identity

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

func TestJoin(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		members map[uint64][]float64 // by moment; 0: no sample
		want    []float64
		newest  uint64
	}{
		{"one", map[uint64][]float64{1: {10, 11, 12}}, []float64{10, 11, 12}, 1},
		{"one after the other", map[uint64][]float64{1: {10, 11, 0}, 2: {0, 0, 22}}, []float64{10, 11, 22}, 2},
		{"the younger wins", map[uint64][]float64{1: {10, 11, 12, 0}, 2: {0, 21, 22, 23}}, []float64{10, 21, 22, 23}, 2},
		{"the younger wins whatever its hash", map[uint64][]float64{2: {20, 21, 22, 0}, 1: {0, 11, 12, 13}}, []float64{20, 11, 12, 13}, 1},
		{"ambiguous until one is left", map[uint64][]float64{1: {10, 11, 12, 13, 14, 15, 0}, 2: {0, 21, 22, 23, 24, 25, 26}}, []float64{10, 21, 22, 23, nan, nan, 26}, 2},
		{"the older is left", map[uint64][]float64{1: {10, 11, 12}, 2: {0, 21, 0}}, []float64{10, 21, 12}, 1},
		{"missing of the younger", map[uint64][]float64{1: {10, 11, 0}, 2: {0, nan, 22}}, []float64{10, nan, 22}, 2},
	} {
		var samples []Sample
		for member, values := range c.members {
			for i, v := range values {
				if v != 0 {
					samples = append(samples, Sample{member, int64(i), v})
				}
			}
		}
		var j Join
		var got []float64
		Sort(samples)
		for len(samples) > 0 {
			n := 1
			for n < len(samples) && samples[n].T == samples[0].T {
				n++
			}
			got = append(got, j.Next(samples[:n]))
			samples = samples[n:]
		}
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		require.True(t, slices.EqualFunc(got, c.want, same), "%s: got %v, want %v", c.name, got, c.want)
		require.Equal(t, c.newest, j.Newest, c.name)
	}
}

func TestKey(t *testing.T) {
	a := labels.FromStrings("__name__", "m", "s", "a", "pod", "x")
	b := labels.FromStrings("__name__", "n", "s", "a", "pod", "y")
	for _, c := range []struct {
		by   []string
		want bool
	}{{nil, false}, {[]string{"s"}, true}, {[]string{"pod", "s"}, false}, {[]string{}, true}} {
		require.Equal(t, c.want, bytes.Equal(Key(nil, c.by, a), Key(nil, c.by, b)))
	}
}
