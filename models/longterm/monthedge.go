package longterm

import (
	"math"
	"time"

	"github.com/foresight-exporter/foresight/models/internal/numeric"
)

const (
	edgeDays   = 3                    // at either end of a month
	edgeFrom   = 2 * yearWeeks * week // days, from which on the ends of months are told
	edgeLeast  = 20                   // months that tell
	edgeClear  = 3                    // standard errors
	edgeChange = 0.03                 // of a day, on the logarithm
)

// edge gives which of the first or last days of its month a day is: 0 to 2 for the first ones, 3 to 5 for the last one and
// those before it, -1 for the days between.
func edge(day int64) int {
	t := time.Unix(day*24*60*60, 0).UTC()
	last := t.AddDate(0, 1, -t.Day()).Day()
	switch d := t.Day(); {
	case d <= edgeDays:
		return d - 1
	case d > last-edgeDays:
		return edgeDays + last - d
	}
	return -1
}

// findEdges learns how many times as much the first and last days of months are as the same weekdays around them: medians
// over the months, where they are clear. It wants two years of days, all above zero.
func (m *Model) findEdges() (factors [2 * edgeDays]float64) {
	for i := range factors {
		factors[i] = 1
	}
	n := len(m.days)
	if n < edgeFrom {
		return factors
	}
	var off [2 * edgeDays][]float64
	for i, v := range m.days {
		if v <= 0 {
			return factors
		}
		e := edge(m.last - int64(n-1-i))
		if e < 0 || v != v {
			continue
		}
		var around []float64
		for _, j := range [...]int{i - 2*week, i - week, i + week, i + 2*week} {
			if j >= 0 && j < n && m.days[j] == m.days[j] {
				around = append(around, float64(m.days[j]))
			}
		}
		if usual := numeric.Median(around); len(around) > 1 && usual > 0 {
			off[e] = append(off[e], math.Log(float64(v)/usual))
		}
	}
	for e, all := range off {
		if len(all) < edgeLeast {
			continue
		}
		middle := numeric.Median(all)
		for i, v := range all {
			all[i] = math.Abs(v - middle)
		}
		doubt := numeric.MADToDeviation * numeric.Median(all) / math.Sqrt(float64(len(all)))
		if math.Abs(middle) > max(edgeClear*doubt, edgeChange) {
			factors[e] = math.Exp(middle)
		}
	}
	return factors
}

// Edge returns how many times as much a day is as other days of its weekday because it is one of the first or last of its
// month; 1 where it is none or where that is not clear.
func (m *Model) Edge(day int64) float64 {
	if e := edge(day); e >= 0 && m.fit.Done {
		return m.fit.Edges[e]
	}
	return 1
}
