package demo

import (
	"hash/fnv"
	"math"
)

// noise is a reproducible random function of time: independent standard normal values at the multiples of a spacing,
// joined by straight lines. It is a pure function, so that history and the present follow the same story.
type noise struct {
	key     uint64
	spacing float64 // seconds
}

func newNoise(seed uint64, name string, spacing float64) noise {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	return noise{key: mix(seed ^ h.Sum64()), spacing: spacing}
}

// at gives the value at a Unix time in seconds.
func (n noise) at(t float64) float64 {
	k := math.Floor(t / n.spacing)
	f := t/n.spacing - k
	a, b := n.normal(int64(k)), n.normal(int64(k)+1)
	return (a + f*(b-a)) / math.Sqrt(1-2*f*(1-f)) // keeps the variance between the points
}

// normal is the value at the kth multiple: the sum of the twelve 5-bit pieces of a hash, scaled to variance 1.
func (n noise) normal(k int64) float64 {
	h := mix(n.key + uint64(k)*0x9e3779b97f4a7c15)
	sum := -12 * 15.5
	for range 12 {
		sum += float64(h & 31)
		h >>= 5
	}
	return sum / math.Sqrt(12*1023.0/12)
}

// uniform is a value of [0, 1) for the kth cycle.
func (n noise) uniform(k int64) float64 {
	return float64(mix(n.key^uint64(k)*0xbf58476d1ce4e5b9)>>11) / (1 << 53)
}

// mix is the finalizer of splitmix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
