package exhaustion

import "math"

// Coverage is the share of limits, taken from the series' own past, that were reached between the quantiles 0.1 and
// 0.9 of what had been said; NaN until there are some.
func (m *Model) Coverage() float64 { return math.NaN() }
