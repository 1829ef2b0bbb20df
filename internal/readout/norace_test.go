//go:build !race

package readout

const dropped = 0
