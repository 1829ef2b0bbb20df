//go:build !race

package predict

const dropped = 0
