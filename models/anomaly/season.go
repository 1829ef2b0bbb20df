package anomaly

import "math"

const (
	parts   = 24 // of a period
	periods = 8
	experts = 4
)

// season forecasts one row ahead from whole periods: the mean of the last one, and what earlier ones were like at this
// time against their means.
type season struct {
	Bin   [parts * periods]float32 // means, NaN where nothing was seen
	At    int64                    // the present bin
	Sum   float64
	N     float64
	Level [periods]float32 // mean over the period before now, before one period ago, ...
	Cost  [experts]float32 // mean absolute error
	Seen  [experts]uint16
}

func (s *season) advance(at int64) {
	if at == s.At {
		return
	}
	if s.N > 0 {
		s.Bin[s.At%int64(len(s.Bin))] = float32(s.Sum / s.N)
	}
	for b := max(s.At+1, at-int64(len(s.Bin))); b <= at; b++ {
		s.Bin[b%int64(len(s.Bin))] = nan32
	}
	s.At, s.Sum, s.N = at, 0, 0
	for k := range periods {
		var sum, n float64
		for j := int64(1); j <= parts; j++ {
			// the last one reaches round to the present bin, which is empty
			if v := s.Bin[(at-int64(k)*parts-j+int64(len(s.Bin))*2)%int64(len(s.Bin))]; v == v {
				sum += float64(v)
				n++
			}
		}
		if n > 0 {
			s.Level[k] = float32(sum / n)
		} else if k > 0 {
			s.Level[k] = nan32
		}
	}
}

var nan32 = float32(math.NaN())

// forecasts fills f with what each expert expects; NaN where it has nothing to go by.
func (s *season) forecasts(f *[experts]float64, at func(k int) float64) {
	nan := math.NaN()
	level := float64(s.Level[0])
	if level != level && s.N > 0 {
		level = s.Sum / s.N
	}
	var d [periods]float64
	n := 0
	var sorted [periods]float64
	for k := 1; k < periods; k++ {
		d[k] = at(k) - float64(s.Level[k])
		if d[k] == d[k] {
			j := n
			for ; j > 0 && sorted[j-1] > d[k]; j-- {
				sorted[j] = sorted[j-1]
			}
			sorted[j] = d[k]
			n++
		}
	}
	*f = [experts]float64{level, nan, nan, nan}
	if n > 0 {
		m := sorted[n/2]
		if n%2 == 0 {
			m = (sorted[n/2-1] + sorted[n/2]) / 2
		}
		f[1] = level + m
	}
	f[2] = level + d[7]
	f[3] = level + d[1]
}

// mix gives the mean of the forecasts, weighted by how well each did: exp(-6 (error / least error - 1)).
func (s *season) mix(f *[experts]float64) float64 {
	least := math.Inf(1)
	for i, v := range f {
		if v == v && s.Seen[i] >= 24 {
			least = min(least, float64(s.Cost[i]))
		}
	}
	var sum, w float64
	for i, v := range f {
		if v != v {
			continue
		}
		g := 0.0
		if s.Seen[i] >= 24 && !math.IsInf(least, 1) {
			g = math.Exp(-6 * (float64(s.Cost[i])/max(least, 1e-12) - 1))
		} else if i == 0 {
			g = 1e-6
		}
		sum += g * v
		w += g
	}
	if w == 0 {
		return math.NaN()
	}
	return sum / w
}
