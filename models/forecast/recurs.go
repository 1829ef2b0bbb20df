package forecast

import "math"

// recurs reports whether the anomalous sample v of time t, number i, is rather what was there a week before than what is
// expected: at most half as far from it. What recurs is what the series does, as quiet Saturdays are, and both are learnt.
func (m *Model) recurs(t, i int64, v float64) bool {
	before := i - 7*day/m.grids.step
	then := m.Lag(int(m.fine.next - 1 - before)) // NaN where it is not remembered
	if !(math.Abs(v-then) <= math.Abs(v-m.Expect(t).Mean)/2) {
		return false
	}
	m.outliers.set(before, false)
	return true
}
