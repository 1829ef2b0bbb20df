package forecast

import (
	"math"
	"slices"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

// SpecialDay is a day of local time that is unlike others of its weekday, such as a holiday.
type SpecialDay struct {
	Number int64 // days since 1 January 1970
	Kind   uint8 // from 1: days of one kind are alike
}

// dayAt gives the local day and hour of a moment.
func (m *Model) dayAt(t int64) (number int64, hourOf int) {
	local := t + clock{m.options.Location}.offset(t)
	return numeric.FloorDiv(local, day), int(numeric.Modulo(local, day) / hour)
}

// momentOf gives the moment of an hour of a local day.
func (m *Model) momentOf(number int64, hourOf int) int64 {
	c := clock{m.options.Location}
	local := number*day + int64(hourOf)*hour
	return local - c.offset(local-c.offset(local))
}

// monthEdge is the kind of the first and last days of months where they are unlike others; it is learnt by months.
const monthEdge = math.MaxUint8

// kindOf gives the kind of a local day; 0: none.
func (m *Model) kindOf(number int64) uint8 {
	days := m.options.Days
	i, ok := slices.BinarySearchFunc(days, number, func(d SpecialDay, n int64) int {
		switch {
		case d.Number < n:
			return -1
		case d.Number > n:
			return 1
		}
		return 0
	})
	switch {
	case ok:
		return days[i].Kind
	case m.months != nil && m.months.Edge(number) != 1:
		return monthEdge
	}
	return 0
}

// kindAt gives the kind of the day of a moment and the hour in it.
func (m *Model) kindAt(t int64) (kind uint8, number int64, hourOf int) {
	if m.special == nil {
		return 0, 0, 0
	}
	number, hourOf = m.dayAt(t)
	return m.kindOf(number), number, hourOf
}
