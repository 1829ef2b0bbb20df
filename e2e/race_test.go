//go:build race

package e2e

// The race detector slows everything down about tenfold; limits of time hold without it.
const slowdown = 10
