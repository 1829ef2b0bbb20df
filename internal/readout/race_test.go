//go:build race

package readout

// dropped allocations a series: under the race detector a pool forgets a quarter of what it is given.
const dropped = 8
