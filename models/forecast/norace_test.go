//go:build !race

package forecast

const dropped = 0
