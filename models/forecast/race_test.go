//go:build race

package forecast

// dropped allocations: under the race detector a pool forgets a quarter of what it is given.
const dropped = 2
