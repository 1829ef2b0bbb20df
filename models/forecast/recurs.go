package forecast

import "math"

// recurs reports whether the anomalous sample v of time t, number i, is rather what was there a week before than what is
// expected: at most half as far from it. What recurs is what the series does, as quiet Saturdays are, and both are learnt.
func (m *Model) recurs(t, i int64, v float64) bool {
	before := i - 7*day/m.grids.step
	back := m.fine.next - 1 - before
	if back >= int64(m.grids.fineSize) {
		return false
	}
	e, then := m.Expect(t), m.Lag(int(back))
	if !(math.Abs(v-then) <= math.Abs(v-e.Mean)/2) {
		return false
	}
	m.outliers.set(before, false)
	return true
}
